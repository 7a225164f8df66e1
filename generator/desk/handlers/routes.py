"""The desk's addresses: pages to read, acts to do, files to take, and the socket of each window."""

from generator.desk.handlers import acting, downloading, handing_in, saving, viewing, windows
from generator.desk.session import Session
from generator.local_server.guard import Route


def list_routes(session: Session) -> list[Route]:
    """Return the routes of a desk."""
    shared = {"session": session}
    return [
        (r"-/alive", windows.AliveHandler, shared),
        (r"-/progress", acting.ProgressHandler, shared),
        (r"-/window/([a-z0-9]+)", windows.WindowHandler, shared),
        (r"-/((?:desk|editor)\.(?:js|css)|icon\.svg)", viewing.DeskAssetHandler, shared),
        (r"preview/(.*)", viewing.PreviewHandler, shared),
        (r"act/([a-z-]+)", acting.ActHandler, shared),
        (r"done/([0-9]+)", acting.OutcomeHandler, shared),
        (r"tray", handing_in.TrayHandler, shared),
        (r"import", handing_in.ImportHandler, shared),
        (r"save/([a-z0-9-]+)/([0-9-]+)", saving.SaveHandler, shared),
        (r"save-text", saving.SaveTextHandler, shared),
        (r"save-ballot", saving.SaveBallotHandler, shared),
        (r"new-text", saving.NewTextHandler, shared),
        (r"attach/([a-z0-9:-]+)", saving.AttachmentHandler, shared),
        (r"download/(sheet|form|pack-[a-z]+)/([0-9HQ-]+)/([a-z0-9-]+)", downloading.DownloadHandler, shared),
        (r"download/((?:results|awards)-[a-z]+|archive)/([0-9HQ-]+)", downloading.DownloadHandler, shared),
        (r"download/request/([0-9a-f]{64})", downloading.RequestDownloadHandler, shared),
        (r"answer", handing_in.AnswerHandler, shared),
        (r"close", windows.CloseHandler, shared),
        (r"(.*)", viewing.DeskPageHandler, shared),
    ]
