from wish_tf.training.train_wish import train_wish

__all__ = ["train_wish"]
