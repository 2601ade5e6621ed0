from wish_tf.export.export_hasher import export_hasher
from wish_tf.export.saved_hasher import SavedHasher

__all__ = ["SavedHasher", "export_hasher"]
