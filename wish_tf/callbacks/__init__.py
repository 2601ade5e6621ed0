from wish_tf.callbacks.best_epoch import BestEpoch
from wish_tf.callbacks.collapse_warning import CollapseWarning
from wish_tf.callbacks.training_checkpoint import TrainingCheckpoint
from wish_tf.callbacks.validation_precision import ValidationPrecision

__all__ = ["BestEpoch", "CollapseWarning", "TrainingCheckpoint", "ValidationPrecision"]
