from wish_tf.export.check_export import Check, check_export
from wish_tf.export.export_hasher import export_hasher
from wish_tf.export.saved_hasher import SavedHasher

__all__ = ["Check", "SavedHasher", "check_export", "export_hasher"]
