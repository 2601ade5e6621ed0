from wish_tf.callbacks.best_epoch import BestEpoch
from wish_tf.callbacks.board_sample import BoardSample
from wish_tf.callbacks.collapse_warning import CollapseWarning
from wish_tf.callbacks.progress import Progress, ProgressCallback
from wish_tf.callbacks.training_checkpoint import TrainingCheckpoint
from wish_tf.callbacks.validation_measure import ValidationMeasure
from wish_tf.callbacks.wish_board import WishBoard

__all__ = [
    "BestEpoch",
    "BoardSample",
    "CollapseWarning",
    "Progress",
    "ProgressCallback",
    "TrainingCheckpoint",
    "ValidationMeasure",
    "WishBoard",
]
