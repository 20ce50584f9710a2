from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import yaml

settings = yaml.safe_load(Path(__file__).with_name("settings.yaml").read_text())


class Greeter(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"{settings['greeting']}\n".encode())


HTTPServer(("", settings["port"]), Greeter).serve_forever()
