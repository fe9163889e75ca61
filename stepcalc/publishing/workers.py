"""Who does the work: this process, several processes, or a Dask cluster. Results come as they are ready."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from typing import Any, TypeVar

from stepcalc.errors import BackendError, Fault, InputError

A = TypeVar("A")
B = TypeVar("B")
Do = Callable[[Callable[[A], B], Iterable[A]], Iterator[B]]
"""What does a function for each of many things; the results come in any order."""

AHEAD = 3
"""For each worker, so many pieces of work are waiting or being done."""
CONNECT = "10s"
DIED = "a process died while it worked, perhaps for want of memory; --resume goes on from there"


def one_by_one(work: Callable[[A], B], things: Iterable[A]) -> Iterator[B]:
    """In this process."""
    return map(work, things)


@contextmanager
def processes(count: int) -> Iterator[Do[Any, Any]]:
    """In so many processes on this machine."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["stepcalc.publishing.work"])
    pool = ProcessPoolExecutor(count, mp_context=context, initializer=_leave_interrupts_to_the_parent)
    try:
        yield lambda work, things: _as_ready(pool, count * AHEAD, work, things)
    except BrokenProcessPool:
        raise InputError(Fault("", DIED), "--jobs") from None
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def cluster(address: str) -> Iterator[Do[Any, Any]]:
    """On a Dask cluster, by the address of its scheduler."""
    try:
        from distributed import Client, KilledWorker

        connect: Any = Client
    except ImportError:
        raise BackendError("--scheduler needs Dask: pip install 'stepcalc[dask]'") from None
    try:
        client = connect(address, timeout=CONNECT)
    except (OSError, ValueError) as error:
        raise InputError(Fault("", f"no Dask scheduler answers there ({error})"), f"--scheduler {address}") from None
    with client:
        workers = len(client.scheduler_info(n_workers=-1)["workers"])
        if not workers:
            raise InputError(Fault("", "the Dask scheduler has no workers"), f"--scheduler {address}")
        with client.get_executor(pure=False) as pool:
            try:
                yield lambda work, things: _as_ready(pool, sum(client.nthreads().values()) * AHEAD, work, things)
            except KilledWorker:
                raise InputError(Fault("", DIED), f"--scheduler {address}") from None


def _as_ready(pool: Executor, ahead: int, work: Callable[[A], B], things: Iterable[A]) -> Iterator[B]:
    """Results as they are ready; no more than ``ahead`` pieces of work are under way.

    Where several fail, the first of the things is told, whichever was ready first.
    """
    left = iter(things)
    waiting: list[Future[B]] = [pool.submit(work, thing) for thing in islice(left, ahead)]
    while waiting:
        done = wait(waiting, return_when=FIRST_COMPLETED).done
        if any(future.exception() for future in done):
            for future in waiting:
                future.result()  # of those before the one that failed first another one may still fail
        waiting = [future for future in waiting if future not in done]
        waiting += [pool.submit(work, thing) for thing in islice(left, len(done))]
        for future in done:
            yield future.result()


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
