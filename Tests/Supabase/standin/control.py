"""The control: tests switch faults, look at counts, change the clockwork and replace the database through it."""

import asyncio
import json

from .http11 import Answer
from .pgwire import ConnectionLost, DatabaseError
from .tokens import mint


class Control:
    """Answers requests under /_control. Every answer is JSON."""

    def __init__(self, server):
        self._server = server
        self._lock = asyncio.Lock()

    async def answer(self, request):
        """Does what is asked."""
        name = request.path[len("/_control"):].strip("/")
        action = getattr(self, f"_{request.method.lower()}_{name}" if name else "_get_state", None)
        if action is None:
            return _json(404, {"message": f"the control has no {request.method} {request.path}"})
        try:
            wish = json.loads(request.body) if request.body else {}
            return _json(200, await action(wish))
        except (ValueError, KeyError, TypeError) as error:
            return _json(400, {"message": f"{type(error).__name__}: {error}"})
        except (ConnectionLost, DatabaseError) as error:
            return _json(503, {"message": str(error)})
        except RuntimeError as error:
            return _json(500, {"message": str(error)})

    async def _get_state(self, _):
        return {"faults": await self._get_faults(None), **await self._get_counters(None)}

    async def _post_faults(self, wish):
        """A fault or a list of them. {"seed": N} begins the dice anew."""
        wishes = wish if isinstance(wish, list) else [wish]
        for one in [one for one in wishes if "seed" in one]:
            self._server.faults.chance.seed(one.pop("seed"))
        return [fault.shown() for fault in self._server.faults.add([one for one in wishes if one])]

    async def _get_faults(self, _):
        return [fault.shown() for fault in self._server.faults.all]

    async def _delete_faults(self, _):
        self._server.faults.clear()
        return {}

    async def _post_release(self, _):
        self._server.faults.release()
        return {}

    async def _get_counters(self, _):
        faults = self._server.faults
        return {"paths": dict(faults.counts), "statuses": {str(key): value for key, value in faults.statuses.items()},
                "total": sum(faults.counts.values()), "waiting": faults.waiting,
                "connections": len(self._server.sessions) - 1}

    async def _delete_counters(self, _):
        self._server.faults.counts.clear()
        self._server.faults.statuses.clear()
        self._server.faults.log.clear()
        return {}

    async def _get_log(self, _):
        return list(self._server.faults.log)

    async def _post_schema(self, wish):
        """{"delay": seconds until a NOTIFY shows}, {"hold": true} to not hear NOTIFY, {"reload": true} to read now."""
        self._server.reload_delay = wish.get("delay", self._server.reload_delay)
        self._server.holds_reload = wish.get("hold", self._server.holds_reload)
        if wish.get("reload"):
            await self._server.api.reload()
        return {}

    async def _post_pool(self, wish):
        """{"size": connections to the database, "patience": seconds that a request waits for one}."""
        pool = self._server.api.pool
        pool.patience = wish.get("patience", pool.patience)
        if "size" in wish:
            pool.resize(wish["size"])
        return {}

    async def _post_mint(self, wish):
        """{"claims": {…}, "lifetime": seconds, negative for a token that has expired}."""
        return {"token": mint(wish.get("secret", self._server.keys.secret), wish["claims"],
                              wish.get("lifetime", 10 * 365 * 86400))}

    async def _post_sql(self, wish):
        """{"sql": a script to run as `postgres`}; the answer has what psql printed."""
        return {"output": await self._off_loop(self._server.cluster.sql, wish["sql"])}

    async def _post_database(self, wish):
        """{"action": "reset" (to "snapshot" or as at the start), "snapshot" (as "name"), "stop", "crash", "start"}."""
        action, server = wish["action"], self._server
        async with self._lock:
            if action == "reset":
                await self._replaced("project", wish.get("snapshot", "pristine"))
            elif action == "snapshot":
                await self._replaced(wish["name"], "project")
            elif action in ("stop", "crash"):
                await self._off_loop(server.cluster.stop, action == "crash")
                server.disconnect()
            elif action == "start":
                await self._off_loop(server.cluster.start)
                await server.connect()
            else:
                raise ValueError(f"the database cannot {action}")
        return {}

    async def _replaced(self, name, template):
        if not name.isidentifier() or not template.isidentifier():
            raise ValueError("a snapshot's name has letters, digits and _ only")
        self._server.disconnect()
        await self._off_loop(self._server.cluster.create, name, template)
        await self._server.connect()

    @staticmethod
    async def _off_loop(work, *words):
        return await asyncio.get_running_loop().run_in_executor(None, work, *words)


def _json(status, value):
    return Answer(status, [("Content-Type", "application/json")], json.dumps(value).encode())
