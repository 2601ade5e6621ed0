from wish_tf.saved_model.check_export import Check, check_export
from wish_tf.saved_model.export_hasher import export_hasher
from wish_tf.saved_model.saved_hasher import SavedHasher

__all__ = ["Check", "SavedHasher", "check_export", "export_hasher"]
