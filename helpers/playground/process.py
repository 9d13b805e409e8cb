"""The Python process of one visitor of the playground."""

from jupyter_server.services.kernels.kernelmanager import ServerKernelManager


class VisitorsProcess(ServerKernelManager):
    """A kernel that is ended at once: it holds nothing that anybody would miss.

    Jupyter interrupts a kernel first, and asks it to end then. One that is still importing answers the interruption with
    a traceback in the terminal, and does not hear what it is asked.
    """

    async def shutdown_kernel(self, now=False, restart=False):
        await super().shutdown_kernel(now=True, restart=restart)

    async def _async_interrupt_kernel(self):
        if not self.shutting_down:
            await super()._async_interrupt_kernel()
