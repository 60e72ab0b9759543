"""The readers that are compared: ours, python3-gammu (Debian), smspdudecoder (PyPI). Each gives the same few members."""

import datetime
import io
import json
import logging
import subprocess


class Ours:
    """`conductor pdu decode`, or a program that takes the same words."""

    def __init__(self, command):
        self.command = command

    def read(self, pdus):
        lines = "".join(pdu.hex() + "\n" for pdu in pdus)
        done = subprocess.run(self.command + ["pdu", "decode", "--json", "-"], input=lines, capture_output=True,
                              text=True, check=True)
        return [self.members(json.loads(line)) for line in done.stdout.split("\n")[:-1]]

    @staticmethod
    def members(said):
        if "error" in said:
            return {"refused": said["error"]}
        read = {"type": said["type"], "smsc": said["smsc"], "number": said["number"], "class": said.get("class"),
                "dcs": said.get("dcs"), "alphabet": said.get("alphabet")}
        place = said.get("concat")
        read["concat"] = (place["ref"], place["total"], place["seq"]) if place else None
        for name in ("text", "mr", "status", "udh", "toa"):
            if name in said:
                read[name] = said[name]
        if "data_hex" in said:
            read["data"] = bytes.fromhex(said["data_hex"])
        for name, key in (("time", "timestamp"), ("discharged", "discharge_time")):
            if said.get(key):
                moment = datetime.datetime.fromisoformat(said[key])
                read[name] = moment.timetuple()[:6]
                if name == "time":
                    read["utc"] = moment.astimezone(datetime.timezone.utc).timetuple()[:6]
        return read


class Gammu:
    name = "gammu"

    def __init__(self):
        import gammu
        self.gammu = gammu

    def read(self, pdu):
        try:
            said = self.gammu.DecodePDU(pdu)
        except Exception as error:  # pylint: disable=broad-exception-caught
            return {"refused": repr(error)}
        if said["Type"] not in ("Deliver", "Status_Report"):
            return {"refused": said["Type"]}
        is_report = said["Type"] == "Status_Report"
        read = {"type": "status_report" if is_report else "deliver", "smsc": said["SMSC"]["Number"] or None,
                "number": said["Number"], "time": said["DateTime"].timetuple()[:6] if said["DateTime"] else None}
        if is_report:
            read |= {"mr": said["MessageReference"], "status": said["DeliveryStatus"],
                     "discharged": said["SMSCDateTime"].timetuple()[:6] if said["SMSCDateTime"] else None}
            return read
        read["class"] = None if said["Class"] < 0 else said["Class"]
        head = said["UDH"]
        if head["AllParts"] > 0:
            reference = head["ID16bit"] if head["ID16bit"] >= 0 else head["ID8bit"]
            read["concat"] = (reference, head["AllParts"], head["PartNumber"])
        else:
            read["concat"] = None
        read["data" if said["Coding"] == "8bit" else "text"] = said["Text"]
        return read


class SMSPDUDecoder:
    name = "smspdudecoder"

    def __init__(self):
        from smspdudecoder.fields import SMSDeliver
        logging.getLogger("smspdudecoder").setLevel(logging.CRITICAL)
        self.deliver = SMSDeliver

    def read(self, pdu):
        # It has no reader for status reports: they are none of its business.
        if pdu[pdu[0] + 1] & 3 != 0:
            return None
        try:
            said = self.deliver.decode(io.StringIO(pdu.hex().upper()))
        except Exception as error:  # pylint: disable=broad-exception-caught
            return {"refused": repr(error)}
        read = {"type": "deliver", "utc": said["scts"].timetuple()[:6]}
        for name, whose in (("smsc", said["smsc"]), ("number", said["sender"])):
            number = whose["number"]
            is_international = whose["toa"] and whose["toa"]["ton"] == "international"
            read[name] = "+" + number if is_international else number
        head = said["user_data"]["header"]
        read["concat"] = None
        for element in head["elements"] if head else []:
            if isinstance(element["data"], dict):
                read["concat"] = (element["data"]["reference"], element["data"]["parts_count"],
                                  element["data"]["part_number"])
        read["data" if isinstance(said["user_data"]["data"], bytes) else "text"] = said["user_data"]["data"]
        return read
