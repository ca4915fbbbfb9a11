"""A module is tested in a process of its own: it may hang, crash or end the process, and the report still comes."""

import multiprocessing

from .runner import run_module


def run_in_own_process(name, steps=(), cases=(), precision="float64", seconds=600):
    """What `run_module` reports of a module, from a process of its own, which is ended after so many seconds.

    Raises what `run_module` raises, and ValueError for a module that takes longer or ends the process, and for
    seconds that are not from 0 to a million.
    """
    if not 0 <= seconds <= 10**6:
        raise ValueError(f"--seconds must be from 0 to {10**6}, got {seconds:g}")
    context = multiprocessing.get_context("spawn")  # as on every system: nothing of this process is shared
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_deliver, args=(sender, name, steps, cases, precision))
    process.start()
    sender.close()
    try:
        if not receiver.poll(seconds):
            raise ValueError(f"{name} was not done after {seconds:g} seconds, and was stopped: --seconds allows more")
        report = receiver.recv()
    except EOFError:
        process.join()
        status = process.exitcode
        raise ValueError(f"{name} ended its process, with exit status {status}, before all was tested") from None
    finally:
        process.kill()
        process.join()
    if isinstance(report, Exception):
        raise report
    return report


def _deliver(sender, name, steps, cases, precision):
    try:
        report = run_module(name, steps, cases, precision)
        for step in report.steps:  # what a report says without the results themselves, which may be of any kind
            step.outcomes[:] = [outcome._replace(outputs=None, stages={}) for outcome in step.outcomes]
    except (ImportError, ValueError, OSError) as error:
        report = type(error)(str(error))  # without what cannot be sent
    sender.send(report)
