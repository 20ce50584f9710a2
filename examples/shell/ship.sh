#!/bin/sh
# Publish the newest commit of a branch, from a shell: a cron job, or a CI system that only runs commands.
# The clone is kept between runs. If nothing changed, the same image is built, judged and left as it is.
#
#   GIT_URL=https://git.example.com/acme/app.git BRANCH=main \
#   IMAGE=registry.example.com/acme/app KEY_FILE=/etc/tidegate/cosign.key \
#   sh ship.sh /var/lib/builds/app
#
# REGISTRY_USER and REGISTRY_PASSWORD_FILE are optional: without them, the login of docker is used.
set -eu

folder=$1
if [ -d "$folder/.git" ]; then
  git -C "$folder" fetch --quiet origin "$BRANCH"
  git -C "$folder" checkout --quiet -B "$BRANCH" FETCH_HEAD
else
  git clone --quiet --branch "$BRANCH" "$GIT_URL" "$folder"
fi
cd "$folder"

set -- --key-file "$KEY_FILE" --default-branch "$BRANCH"
if [ -n "${REGISTRY_USER:-}" ]; then
  set -- "$@" --registry-username "$REGISTRY_USER" --registry-password-file "$REGISTRY_PASSWORD_FILE"
fi

status=0
npx --yes github:tidegate/tidegate#v1 ship "$IMAGE" "$@" || status=$?
case $status in
  0) echo "Published $IMAGE from $(git rev-parse --short HEAD)." ;;
  3) echo "The policy refused $(git rev-parse --short HEAD): its tags were not set. The log says why." >&2 ;;
  *) echo "Not published: exit code $status." >&2 ;;
esac
exit "$status"
