"""Several devices of this machine, as a command names them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wish_tf.errors import InputError

if TYPE_CHECKING:
    import tensorflow as tf


def parse_devices(text: str) -> tuple[str, int | None]:
    """Returns what `"all"`, `"2"` or `"cpu:2"` asks for.

    Returns:
        `("GPU", None)` for all GPUs, else `("GPU" or "CPU", how many)`.

    Raises:
        InputError: when it is none of these.
    """
    if text == "all":
        return "GPU", None
    match = re.fullmatch(r"(cpu:)?([1-9][0-9]{0,3})", text)
    if match is None:
        raise InputError(
            "expected devices to be all, a number of GPUs, or cpu: and a number; "
            f"got {text!r}"
        )
    return "CPU" if match[1] else "GPU", int(match[2])


def device_strategy(requested: str) -> tf.distribute.Strategy | None:
    """Returns the strategy that trains on several devices of this machine.

    Call it before TensorFlow runs anything: the devices cannot be divided or
    hidden afterwards.

    Args:
        requested: `"all"` GPUs, or the CPU if there is none; a number, for so
            many GPUs; `"cpu:"` and a number, for so many parts of the CPU.

    Returns:
        A `MirroredStrategy`, or None where there is only one device.

    Raises:
        InputError: when there are fewer devices.
    """
    kind, wanted = parse_devices(requested)
    import tensorflow as tf

    if wanted is None:
        count = len(tf.config.list_physical_devices("GPU"))
    else:
        count = wanted
        if kind == "CPU":
            _divide_cpu(count)
        else:
            _hide_other_gpus(count)
    if count < 2:
        return None
    devices = [f"{kind}:{i}" for i in range(count)]
    if kind == "CPU":
        # They share one memory, so nothing is gained by collective operations,
        # which a second strategy in the process would mix up with the first's.
        return tf.distribute.MirroredStrategy(
            devices, tf.distribute.ReductionToOneDevice()
        )
    return tf.distribute.MirroredStrategy(devices)


def _hide_other_gpus(count: int) -> None:
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    if count > len(gpus):
        raise InputError(
            f"expected at least {count} GPUs on this machine; got {len(gpus)}"
        )
    # TensorFlow takes the memory of every GPU it sees.
    tf.config.set_visible_devices(gpus[:count], "GPU")


def _divide_cpu(count: int) -> None:
    import tensorflow as tf

    try:
        tf.config.set_visible_devices([], "GPU")
        tf.config.set_logical_device_configuration(
            tf.config.list_physical_devices("CPU")[0],
            [tf.config.LogicalDeviceConfiguration()] * count,
        )
    except RuntimeError:
        # TensorFlow has started; perhaps with enough of them.
        there = len(tf.config.list_logical_devices("CPU"))
        if there < count:
            raise InputError(
                f"expected at least {count} CPU devices; got {there}, with which "
                "TensorFlow has already started"
            ) from None
