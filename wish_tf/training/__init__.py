from wish_tf.training.strategy import Strategy, TrainingData, strategy
from wish_tf.training.train import FitOptions, train

__all__ = ["FitOptions", "Strategy", "TrainingData", "strategy", "train"]
