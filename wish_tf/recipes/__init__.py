from wish_tf.recipes.recipe import Recipe

__all__ = ["Recipe"]
