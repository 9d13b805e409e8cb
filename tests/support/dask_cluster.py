"""A Dask scheduler and worker processes on this machine, for tests.

Run as a script it imports everything once and forks the scheduler and the workers, so that a cluster takes seconds.
A worker ends itself when it is handed a notebook with LETHAL in it.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys

LETHAL = b"this ends its worker"


class DaskCluster:
    """Use it as a context manager. `address`: the scheduler's. `workers`: process ids."""

    def __init__(self, workers):
        self.number = workers

    def __enter__(self):
        command = [sys.executable, __file__, str(self.number)]
        self.script = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        line = self.script.stdout.readline()
        assert line, "the Dask cluster did not start"
        started = json.loads(line)
        self.address, self.workers = started["address"], started["workers"]
        return self

    def __exit__(self, *_):
        self.script.stdin.close()  # that ends them all
        self.script.wait(60)

    def alive(self):
        """The workers that have not ended."""
        return [pid for pid in self.workers if self._is_running(pid)]

    def _is_running(self, pid):
        self.script.stdin.write(f"{pid}\n")
        self.script.stdin.flush()
        return json.loads(self.script.stdout.readline())


def _serve(number):
    from autograder.environment import skip_slow_imports

    skip_slow_imports()
    import dask
    import distributed

    import autograder.running.cluster
    import autograder.running.work

    assert autograder.running.cluster
    dask.config.set({"distributed.comm.timeouts.connect": "60s", "distributed.worker.memory.terminate": False})
    reading, writing = os.pipe()
    children = [_fork(_scheduler, distributed, writing)]
    os.close(writing)
    with os.fdopen(reading) as file:
        address = file.readline().strip()
    _die_of_lethal_work(autograder.running.work)
    workers = [_fork(_worker, distributed, address, name) for name in range(number)]
    _wait_for(distributed, address, number)
    print(json.dumps({"address": address, "workers": workers}), flush=True)
    for line in sys.stdin:
        print(json.dumps(os.waitpid(int(line), os.WNOHANG)[0] == 0 if int(line) in workers else False), flush=True)
    for pid in [*children, *workers]:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    os._exit(0)


def _fork(function, *arguments):
    pid = os.fork()
    if pid == 0:
        try:
            asyncio.run(function(*arguments))
        finally:
            os._exit(1)
    return pid


async def _scheduler(distributed, writing):
    scheduler = await distributed.Scheduler(host="127.0.0.1", port=0, dashboard=False)
    os.write(writing, scheduler.address.encode() + b"\n")
    await scheduler.finished()


async def _worker(distributed, address, name):
    worker = await distributed.Worker(address, nthreads=1, name=name, host="127.0.0.1", dashboard=False)
    await worker.finished()


def _wait_for(distributed, address, number):
    pid = os.fork()  # a client has threads: keep them out of this process
    if pid == 0:
        with distributed.Client(address, timeout=60, set_as_default=False) as client:
            client.wait_for_workers(number, timeout=120)
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0


def _die_of_lethal_work(run):
    do = run.do

    def do_or_die(work, run_job):
        if isinstance(work, run.HandedInWork) and LETHAL in work.submitted:
            os.kill(os.getpid(), signal.SIGKILL)
        return do(work, run_job)

    run.do = do_or_die


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
