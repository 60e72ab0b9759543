"""The clients that people use, unmodified: `postgrest` and `supabase` of PyPI get on with the stand-in.

They are looked for on CONDUCTOR_PYTHONPATH, too; without them this is left out, and that is said.
"""

import asyncio
import os
import sys
import unittest

from support import FOLDER, shared

sys.path += [folder for folder in os.environ.get("CONDUCTOR_PYTHONPATH", "").split(":") if folder]

REASON = ""
try:
    import postgrest
    import supabase
except ImportError as missing:
    postgrest, REASON = None, f"without the clients: {missing} (CONDUCTOR_PYTHONPATH names where they are)"


def setUpModule():
    if REASON:
        print("clients: " + REASON)


class ClientTests(unittest.TestCase):
    """What their users write."""

    @classmethod
    def setUpClass(cls):
        cls.standin = shared()
        cls.standin.reset()
        cls.standin.load(FOLDER + "/seed.sql")

    def talk(self, client):
        """Every kind of request, with a client that may do everything."""
        def names(reply):
            return [row["name"] for row in reply.data]
        table = client.table("customers") if hasattr(client, "table") else client.from_("customers")
        self.assertEqual(names(table.select("name").gte("visit_count", 3).order("name", desc=True).execute()),
                         ["Cy", "Ben"])
        self.assertEqual(names(table.select("name").eq("phone", "+12025550101").execute()), ["Ben"])
        self.assertEqual(names(table.select("name").in_("name", ["Cy", 'Dot, "the" one']).order("name").execute())[0],
                         "Cy")
        self.assertEqual(len(names(table.select("name").or_("visit_count.eq.1,name.eq.Ben").execute())), 2)
        self.assertEqual(names(table.select("name").ilike("name", "b%").execute()), ["Ben"])
        self.assertEqual(names(table.select("name").is_("vip_status", "null").execute()), ["Cy"])
        self.assertEqual(names(table.select("name").not_.eq("name", "Ben").order("name").limit(1).execute()), ["Cy"])
        reply = table.select("name", count="exact").order("name").range(1, 2).execute()
        self.assertEqual((reply.count, len(reply.data)), (3, 2))
        self.assertEqual(table.select("name,transactions(total)").eq("name", "Cy").single().execute().data,
                         {"name": "Cy", "transactions": [{"total": 6}]})
        self.assertIsNone(table.select("name").eq("name", "nobody").maybe_single().execute())
        self.assertIn("name", table.select("name").csv().execute().data)
        self.write(client)

    def write(self, client):
        """Inserts, merges, changes, deletes, calls."""
        products = client.table("products") if hasattr(client, "table") else client.from_("products")
        reply = products.insert([{"sku": "p-1", "name": "one"}, {"sku": "p-2", "name": "two"}]).execute()
        self.assertEqual([row["sku"] for row in reply.data], ["p-1", "p-2"])
        reply = products.upsert({"sku": "p-1", "name": "uno"}, on_conflict="sku").execute()
        self.assertEqual(reply.data[0]["name"], "uno")
        reply = products.upsert({"sku": "p-1", "name": "x"}, on_conflict="sku", ignore_duplicates=True).execute()
        self.assertEqual(reply.data, [])
        self.assertEqual(products.update({"name": "dos"}).eq("sku", "p-2").execute().data[0]["name"], "dos")
        with self.assertRaises(postgrest.exceptions.APIError) as caught:
            products.insert({"sku": "p-1"}).execute()
        self.assertEqual(caught.exception.code, "23505")
        self.assertEqual(len(products.delete().like("sku", "p-%").execute().data), 2)
        self.assertEqual(client.rpc("echo", {"request": {"a": 1}}).execute().data, {"a": 1})
        self.assertEqual(client.rpc("add_up", {"a": 1}).execute().data, 11)
        self.assertEqual(client.rpc("customers_of", {"at_least": 1}).eq("name", "Cy").execute().data[0]["name"], "Cy")

    @unittest.skipIf(REASON, REASON)
    def test_postgrest(self):
        with postgrest.SyncPostgrestClient(self.standin.url + "/rest/v1", headers={
                "apikey": self.standin.service, "Authorization": f"Bearer {self.standin.service}"}) as client:
            self.talk(client)

    @unittest.skipIf(REASON, REASON)
    def test_postgrest_asynchronous(self):
        async def talk():
            async with postgrest.AsyncPostgrestClient(self.standin.url + "/rest/v1", headers={
                    "apikey": self.standin.environment["sb_secret_key"]}) as client:
                replies = await asyncio.gather(*(client.from_("customers").select("name").eq("name", "Ben").execute()
                                                 for _ in range(50)))
                self.assertEqual({reply.data[0]["name"] for reply in replies}, {"Ben"})
        asyncio.run(talk())

    @unittest.skipIf(REASON, REASON)
    def test_supabase_with_an_old_and_a_new_key(self):
        for key in (self.standin.service, self.standin.environment["sb_secret_key"]):
            self.talk(supabase.create_client(self.standin.url, key))

    @unittest.skipIf(REASON, REASON)
    def test_supabase_as_a_gateway_and_as_nobody(self):
        client = supabase.create_client(self.standin.url, self.standin.environment["sb_publishable_key"])
        with self.assertRaises(postgrest.exceptions.APIError) as caught:
            client.table("notes").select("words").execute()
        self.assertEqual(caught.exception.code, "42501")
        client.postgrest.auth(self.standin.mint(role="gateway", gateway_id="gw-1"))
        self.assertEqual(client.table("notes").select("words").execute().data, [{"words": "one"}])


if __name__ == "__main__":
    unittest.main()
