"""The app's side of the process: Microsoft's Python runtime on a loop and a thread of its own."""

import asyncio
import logging
import os
import sys
import threading
import time
import uuid
from collections.abc import Coroutine, Mapping
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import azure_functions_runtime as runtime

from local.host import logs
from local.host.errors import StartupError
from local.host.functions import Binding, Function
from local.host.protos import rpc_pb2 as rpc
from local.host.settings import Settings

_log = logging.getLogger(__name__)


class Worker:
    """Indexes one app and invokes its functions.

    One app per process: the runtime keeps its registry in module globals.
    """

    def __init__(self, app: Path, timeout: timedelta | None) -> None:
        self._app = app
        self._timeout = timeout
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="app", daemon=True)
        self._killed: asyncio.Future[str] | None = None
        self._unfinished = 0

    def start(self) -> None:
        """Start the app's thread with the app's folder as working and import directory."""
        os.chdir(self._app)
        sys.path.insert(0, str(self._app))
        # User code must not see the host's own command line.
        sys.argv = [str(self._app / "function_app.py")]
        runtime.start_threadpool_executor()
        self._thread.start()

    def stop(self) -> bool:
        """End the app's threads. False when an invocation still runs: nothing can end that one."""
        if self._unfinished:
            return False
        runtime.stop_threadpool_executor()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        return True

    def index(self, settings: Settings) -> list[Function]:
        """Import the app and list its functions.

        Raises StartupError with the runtime's own reason and stack trace. Without a
        function_app.py the runtime reports no functions and no error; so does this.
        """
        request = rpc.WorkerInitRequest(function_app_directory=str(self._app))
        response = self._run(
            runtime.worker_init_request(
                SimpleNamespace(
                    request=SimpleNamespace(worker_init_request=request),
                    properties={"host": "127.0.0.1", "protos": rpc},
                )
            )
        )
        if response.result.status != rpc.StatusResult.Success:
            failure = response.result.exception
            raise StartupError(f"indexing failed: {failure.message}\n{failure.stack_trace}".strip())
        metadata = self._run(runtime.functions_metadata_request(SimpleNamespace()))
        return [_function(item, settings) for item in metadata.function_metadata_results]

    def _run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def killed(self) -> asyncio.Future[str]:
        """Done, with the reason, once an invocation has outlived functionTimeout.

        Python cannot cancel an invocation, so Azure kills the worker process: every running
        invocation fails with it. Call it on the host's loop.
        """
        if self._killed is None:
            self._killed = asyncio.get_running_loop().create_future()
        return self._killed

    async def invoke(
        self,
        function: Function,
        data: rpc.TypedData,
        *,
        trace_parent: str,
        metadata: Mapping[str, rpc.TypedData] | None = None,
        invocation_id: str | None = None,
    ) -> rpc.InvocationResponse:
        """Run `function` on the app's loop with `data` for its trigger and await its response.

        Never raises for what user code does: that is a response with status Failure.
        """
        request = rpc.InvocationRequest(
            invocation_id=invocation_id or str(uuid.uuid4()),
            function_id=function.id,
            input_data=[rpc.ParameterBinding(name=function.trigger.name, data=data)],
            trigger_metadata=metadata,
            trace_context=rpc.RpcTraceContext(trace_parent=trace_parent),
        )
        killed = self.killed()
        future = asyncio.run_coroutine_threadsafe(self._invoke(function, request), self._loop)
        running: asyncio.Future[Any] = asyncio.wrap_future(future)
        limit = self._timeout.total_seconds() if self._timeout else None
        first: set[asyncio.Future[Any]] = {running, killed}
        await asyncio.wait(first, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            response: rpc.InvocationResponse = running.result()
            return response
        if not killed.done():
            killed.set_result(f"Timeout value of {self._timeout} exceeded by '{function.name}'")
        return _failed(request, killed.result())

    async def _invoke(
        self, function: Function, request: rpc.InvocationRequest
    ) -> rpc.InvocationResponse:
        """Runs on the app's loop, in a task (and so in a context) of its own."""
        logs.INVOCATION.set((function.name, request.invocation_id))
        logs.started(request.invocation_id, function.name)
        started = time.monotonic()
        self._unfinished += 1
        _log.info("Executing")
        try:
            response: rpc.InvocationResponse = await runtime.invocation_request(
                SimpleNamespace(request=SimpleNamespace(invocation_request=request))
            )
        except BaseException as error:  # noqa: BLE001 SystemExit would end the app's loop
            # The runtime cannot serialise every exception (a lone surrogate in its text, say).
            response = _failed(request, f"{type(error).__name__}: {error!r}")
        self._unfinished -= 1
        logs.finished(request.invocation_id)
        duration = (time.monotonic() - started) * 1000
        if response.result.status == rpc.StatusResult.Success:
            _log.info("Executed (Succeeded, %.0f ms)", duration)
        else:
            failure = response.result.exception
            _log.error(
                "Executed (Failed, %.0f ms): %s\n%s", duration, failure.message, failure.stack_trace
            )
        return response


def _failed(request: rpc.InvocationRequest, reason: str) -> rpc.InvocationResponse:
    message = reason.encode(errors="backslashreplace").decode()
    return rpc.InvocationResponse(
        invocation_id=request.invocation_id,
        result=rpc.StatusResult(
            status=rpc.StatusResult.Failure, exception=rpc.RpcException(message=message)
        ),
    )


def _function(metadata: rpc.RpcFunctionMetadata, settings: Settings) -> Function:
    disabled = settings.get(f"AzureWebJobs.{metadata.name}.Disabled") or ""
    return Function(
        name=metadata.name,
        id=metadata.function_id,
        bindings=tuple(Binding.parse(raw) for raw in metadata.raw_bindings),
        has_retry_policy=metadata.HasField("retry_options"),
        disabled=disabled.lower() in {"1", "true"},
    )
