"""A client of a stage's room events: the socket that tells who is there, and what a client may say by it."""

import json

import websocket

from switchboard import PATIENCE_S


class RoomEvents:
    """One open socket."""

    def __init__(self, room, token):
        self.participant_id = token["participantId"]
        endpoints = room.ivs.get_stage(arn=room.arn)["stage"]["endpoints"]
        url = f"{endpoints['events']}/{room.arn.rsplit('/', 1)[1]}"
        self.socket = websocket.create_connection(url, subprotocols=[token["token"]], timeout=PATIENCE_S)
        # This client shows in small letters what it was sent as it is.
        assert self.socket.getsubprotocol() == token["token"].lower()
        self.state = {}

    def say(self, kind, **payload):
        """Sends a frame."""
        self.socket.send(json.dumps({"type": kind, "payload": payload}))

    def hear(self, kind):
        """The next frame of that kind. Those of STAGE_STATE that come before it are taken note of."""
        while True:
            frame = json.loads(self.socket.recv())
            if frame["type"] == "STAGE_STATE":
                self.state = {person["id"]: person for person in frame["payload"]["participants"]}
            if frame["type"] == kind:
                return frame.get("payload")

    def wait_state(self, wanted):
        """Waits until the stage is as wanted; who is on it, by id."""
        while not (self.state and wanted(self.state)):
            self.hear("STAGE_STATE")
        return self.state

    def wait_people(self, publishing):
        """Waits until those are there, and publish or not."""
        return self.wait_state(lambda people: {id: one["isPublishing"] for id, one in people.items()} == publishing)

    def closing(self):
        """Waits for the close; its code and its reason."""
        while True:
            opcode, data = self.socket.recv_data()
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                return int.from_bytes(data[:2], "big"), data[2:].decode()

    def close(self):
        self.socket.close()
