import sys

from wish_tf.cli import main

sys.exit(main())
