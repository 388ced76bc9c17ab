"""A keyring that asks the larder command line for the tokens of repositories.

It knows no passwords but these, and leaves all others to the keyrings that are
there beside it: for an address that is no repository's it has nothing.
"""

import os
import subprocess

from keyring import backend, credentials, errors

# In CodeArtifact's guide a token is the password of this user.
USER = "aws"

# How long larder may take, which calls the service at most thrice.
SECONDS = 60


class LarderKeyring(backend.KeyringBackend):
    """Answers for the addresses of repositories."""

    # Above the keyrings of desktops: it is asked first, and has nothing to
    # say to most.
    priority = 9.9

    def get_credential(self, service, username):
        password = self.get_password(service, username)
        if password is None:
            return None
        return credentials.SimpleCredential(username or USER, password)

    def get_password(self, service, username):
        if not service.startswith(("http://", "https://")):
            return None
        command = [os.environ.get("LARDER", "larder"), "credential-helper", "keyring", "get", service]
        try:
            answer = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        if answer.returncode != 0:
            return None  # larder has said why, unless the address is none of ours
        return answer.stdout.decode().rstrip("\r\n")

    def set_password(self, service, username, password):
        raise errors.PasswordSetError("larder makes passwords; it keeps none")

    def delete_password(self, service, username):
        raise errors.PasswordDeleteError("larder makes passwords; it keeps none")
