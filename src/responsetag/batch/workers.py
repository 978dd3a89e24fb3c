"""Processes that work on chunks, in order. One that dies takes at most a single row with it.

Each worker has a pipe of its own, so that it is known which chunk it died of, and the others go on. A pool of
the standard library fails as a whole, and does not say of what.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import signal
import threading
from collections import deque
from collections.abc import Iterator
from multiprocessing import connection, get_context, resource_tracker
from multiprocessing.connection import Connection
from typing import Any, Self

from responsetag.batch.jobs import Chunk, Job, ModelSource, Output
from responsetag.errors import ModelError, ResponseTagError, WorkerError

_AT_ONCE = 3  # chunks that a worker has: one that it works on and those that wait
_AHEAD = 6  # chunks a worker that may be done before the one that is next in order
_ENDING = 5  # seconds between the end of a worker's pipe and its own
_STARTS = 3  # times that a worker may die before it has loaded the model
_DEADLY_ROWS = 20  # in succession, of which it is clear that the rows are not to blame


class Worker:
    """A process that answers chunks in the order in which they are sent."""

    def __init__(self, source: ModelSource, job: Job) -> None:
        self._source, self._job = source, job
        self.sent: deque[tuple[int, Chunk]] = deque()
        self.deadly_rows = 0  # that it died of in succession
        self._unready_deaths = 0
        self._start()

    def _start(self) -> None:
        context = get_context(
            "spawn"
        )  # a copy of this process would have its threads' locks, not its threads
        self.pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(theirs, self._source, self._job), name="responsetag-worker", daemon=True
        )
        try:
            with _no_interrupts():
                self._process.start()
        except OSError as error:
            raise WorkerError(f"no worker process can be started: {error}; take fewer --workers") from error
        finally:
            theirs.close()
        self.ready = False  # it has loaded the model

    def send(self, number: int, chunk: Chunk) -> None:
        """Give it a chunk to work on."""
        self.sent.append((number, chunk))
        with contextlib.suppress(OSError):  # that it died is seen when its answer is read
            self.pipe.send_bytes(pickle.dumps(chunk, pickle.HIGHEST_PROTOCOL))

    def receive(self) -> Output | None:
        """Its next answer; None before the first one, when it has loaded the model.

        Raises:
            EOFError: it died.
            ResponseTagError: it cannot load the model.
        """
        try:
            answer = pickle.loads(self.pipe.recv_bytes())  # noqa: S301 - of our own process
        except OSError:
            raise EOFError from None
        if isinstance(answer, str):
            raise ModelError(answer)
        self.ready = True
        return answer if isinstance(answer, Output) else None

    def restart(self) -> str:
        """Put a new process in the place of one that died, and say how it did."""
        self._process.join(_ENDING)
        self.close()
        code = self._process.exitcode or 0
        how = f"signal {-code}, {signal.strsignal(-code)}" if code < 0 else f"exit code {code}"
        self._unready_deaths = 0 if self.ready else self._unready_deaths + 1
        if self._unready_deaths >= _STARTS:
            advice = "look whether there is memory enough, or take fewer --workers"
            if code > 0:  # of an exception, which has been printed
                advice = (
                    "what they printed says why. A program that starts workers must be a file, and do so "
                    f'under `if __name__ == "__main__":` only. Else {advice}'
                )
            raise WorkerError(f"worker processes die before they have loaded the model ({how}); {advice}")
        self.sent.clear()
        self._start()
        return how

    def close(self) -> None:
        """End the process, whatever it does."""
        self.pipe.close()
        self._process.kill()  # there is nothing in it that must be put in order
        self._process.join()


class WorkerPool:
    """Several workers.

    Args:
        source: how they come by the model.
        job: what they do with rows.
        count: how many there are.
    """

    def __init__(self, source: ModelSource, job: Job, count: int) -> None:
        self._workers: list[Worker] = []
        try:
            for _ in range(count):
                self._workers.append(Worker(source, job))
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all workers."""
        for worker in self._workers:
            worker.close()

    def map(self, chunks: Iterator[Chunk]) -> Iterator[Output]:
        """The outputs of chunks, in order; few chunks are held at a time.

        Raises:
            ModelError: a worker cannot load the model.
            WorkerError: workers die before they have loaded it, or of row after row.
        """
        source = enumerate(chunks)
        again: deque[tuple[int, Chunk]] = deque()  # what a dead worker had not begun with
        done: dict[int, Output] = {}
        following, given, exhausted = 0, 0, False
        while True:
            while again or (not exhausted and given - following < _AHEAD * len(self._workers)):
                worker = min(self._workers, key=lambda worker: len(worker.sent))
                if len(worker.sent) >= _AT_ONCE:
                    break
                item = again.popleft() if again else next(source, None)
                if item is None:
                    exhausted = True
                    break
                given = max(given, item[0] + 1)
                worker.send(*item)
            while following in done:
                yield done.pop(following)
                following += 1
            busy = [worker for worker in self._workers if worker.sent]
            if not busy and exhausted:
                return
            answered = set(connection.wait([worker.pipe for worker in busy]))
            for worker in busy:
                if worker.pipe in answered:
                    self._take(worker, done, again)

    def _take(self, worker: Worker, done: dict[int, Output], again: deque[tuple[int, Chunk]]) -> None:
        try:
            answer = worker.receive()
        except EOFError:
            number, chunk = worker.sent.popleft()
            again.extend(worker.sent)
            worker.restart()
            done[number] = _recover(worker, chunk)
            return
        if answer is not None:
            worker.deadly_rows = 0
            done[worker.sent.popleft()[0]] = answer


def _recover(worker: Worker, chunk: Chunk) -> Output:
    """A chunk that a worker died of, tried again; then its halves; then all but the row that kills."""
    answer, how = _alone(worker, chunk)
    if answer is not None:
        worker.deadly_rows = 0
        return answer
    if len(chunk) > 1:
        middle = len(chunk) // 2
        return _recover(worker, chunk[:middle]) + _recover(worker, chunk[middle:])
    row = chunk[0]
    worker.deadly_rows += 1
    if worker.deadly_rows >= _DEADLY_ROWS:
        raise WorkerError(
            f"{row.document}:{row.paragraph}: worker processes died of {worker.deadly_rows} rows in "
            f"succession ({how}); the rows are hardly to blame: look whether tagging works here at all"
        )
    reason = (
        f"{row.document}:{row.paragraph}: the worker process died of it each time ({how}); "
        "look whether there is memory enough for it"
    )
    answer, how = _alone(worker, [row._replace(error=reason)])
    if answer is None:
        raise WorkerError(f"{row.document}:{row.paragraph}: worker processes die ({how}), whatever they do")
    return answer


def _alone(worker: Worker, chunk: Chunk) -> tuple[Output | None, str]:
    """The answer to a chunk with nothing else under way; or how the worker died of it."""
    while True:
        worker.send(0, chunk)
        try:
            while (answer := worker.receive()) is None:
                pass
        except EOFError:
            was_ready = worker.ready
            how = worker.restart()
            if was_ready:
                return None, how
        else:
            worker.sent.clear()
            return answer, ""


def _serve(pipe: Connection[Any, Any], source: ModelSource, job: Job) -> None:
    """The life of a worker."""
    todo: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(pipe, todo), daemon=True).start()
    try:
        work = job.start(source.load())
    except (ResponseTagError, OSError) as error:
        pipe.send_bytes(pickle.dumps(str(error)))
        return
    pipe.send_bytes(pickle.dumps(None))
    while True:
        chunk: Chunk = pickle.loads(todo.get())  # noqa: S301 - of our own process
        pipe.send_bytes(pickle.dumps(work(chunk), pickle.HIGHEST_PROTOCOL))


def _receive(pipe: Connection[Any, Any], todo: queue.SimpleQueue[bytes]) -> None:
    """Take what is sent at any time, so that the other side never waits; end with it."""
    code = 1  # for want of memory perhaps: the run sees that the process died, and what of
    try:
        while True:
            todo.put(pipe.recv_bytes())
    except (EOFError, OSError):
        code = 0  # the run has ended, by a kill perhaps: nobody waits for what is under way
    finally:
        os._exit(code)


@contextlib.contextmanager
def _no_interrupts() -> Iterator[None]:
    """What starts here never gets Ctrl-C, which a terminal sends to all its processes: the run ends them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    # It starts with the first process, and would lift the block.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
