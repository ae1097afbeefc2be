"""Sealing anew what an older master key has sealed, once nobody seals under it any more."""

from shared.kafka.keys import tell_again
from shared.ops.sealing import Resealed
from shared.runtime.kernel import Kernel


async def reseal_all(kernel: Kernel) -> Resealed:
    """Seals anew whatever of the service's the master key of before has sealed.

    It has everything told again that Kafka may hold under that key: a process that still had it may have told it.
    """
    found = await kernel.keys.wrap_anew()
    if kernel.service.reseal:
        found += await kernel.service.reseal(kernel)
    if kernel.settings.master_key_before:
        await tell_again(kernel.store)
    return found
