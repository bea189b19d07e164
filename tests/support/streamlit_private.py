"""Private API of Streamlit that tests use: all of it is imported here, and says when it can go."""

# What a browser and a server send each other. Remove when Streamlit has a client for tests of a running server.
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates

# The name that a picture gets in its address. Remove when AppTest gives a picture's bytes.
from streamlit.runtime.memory_media_file_storage import _calculate_file_id as media_file_id

# The search for components in every installed package. Remove when AppTest does it once.
MANIFEST_SCANNER = "streamlit.components.v2.manifest_scanner", "scan_component_manifests"

__all__ = ["MANIFEST_SCANNER", "BackMsg", "ForwardMsg", "WidgetState", "WidgetStates", "media_file_id"]
