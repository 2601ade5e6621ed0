from wish_tf.callbacks.training_checkpoint import TrainingCheckpoint

__all__ = ["TrainingCheckpoint"]
