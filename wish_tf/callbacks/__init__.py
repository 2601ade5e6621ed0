from wish_tf.callbacks.collapse_warning import CollapseWarning
from wish_tf.callbacks.training_checkpoint import TrainingCheckpoint

__all__ = ["CollapseWarning", "TrainingCheckpoint"]
