"""Work on long bodies beside the event loop: others are answered meanwhile."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from msgspec.structs import replace

from policies.policy import Policy
from router.core.dialects.chat import ChatRequest
from router.core.errors import UnknownModel
from router.core.privacy.detect import detect
from router.pipeline.dependencies import Dependencies
from router.pipeline.intake import LONG
from router.pipeline.naming import resolve
from router.pipeline.options import RequestOptions
from router.pipeline.staying import governing_policy

SEARCHED = 16 * 1024  # bytes; numbers and nothing else take a thread's start twenty times over
Result = TypeVar("Result")


async def beside(size: int, work: Callable[..., Result], *args: Any) -> Result:
    """What `work` returns for these arguments; for a body of `size` bytes that is long, it works in a thread.

    Who is cancelled meanwhile waits for the thread all the same: it may be writing into what is closed next.
    """
    if size <= LONG:
        return work(*args)
    working = asyncio.ensure_future(asyncio.to_thread(work, *args))
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        await asyncio.wait({working})
        raise


async def searched_beside(deps: Dependencies, request: ChatRequest, options: RequestOptions) -> RequestOptions:
    """`options` with what the detectors find in a long body; as they are if it is short, or if no policy in force reads
    what they find."""
    if not deps.detecting or len(request.raw) <= SEARCHED:
        return options
    try:
        policies = _policies(deps, request.model, options)
    except UnknownModel:
        return options  # which is told when the request is decided on
    if deps.detecting.isdisjoint(policy.name for policy in policies):
        return options
    body = request.original.request.body if request.original else request.body
    return replace(options, found=await asyncio.to_thread(detect, body))


def _policies(deps: Dependencies, model: str, options: RequestOptions) -> tuple[Policy, ...]:
    """The policies that have a word on a request: the one that decides, and the operator's own. Raises UnknownModel."""
    target = resolve(deps, model, options)
    governing = governing_policy(deps, model) if deps.keeping and not options.bound else None
    own = None if isinstance(target, str) else deps.policies[target.policy]
    return tuple(policy for policy in (own, governing) if policy is not None)
