"""What every part of the kernel needs to run: settings, logs, metrics, the context at hand, tasks and wake-ups."""
