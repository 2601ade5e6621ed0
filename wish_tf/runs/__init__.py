from wish_tf.runs.evaluate import evaluate
from wish_tf.runs.kept_codes import kept_codes
from wish_tf.runs.run_folder import RunFolder
from wish_tf.runs.term_settings import TermSettings
from wish_tf.runs.train_config import TrainConfig
from wish_tf.runs.train_run import train_run

__all__ = [
    "RunFolder",
    "TermSettings",
    "TrainConfig",
    "evaluate",
    "kept_codes",
    "train_run",
]
