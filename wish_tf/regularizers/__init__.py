from wish_tf.regularizers.orthogonality_regularizer import OrthogonalityRegularizer

__all__ = ["OrthogonalityRegularizer"]
