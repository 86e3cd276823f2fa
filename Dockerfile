# The daemon: Node, git, an init and the bundle. Nothing is installed by npm; dist/ holds all that runs.
FROM docker.io/library/node:24-alpine
# tini reaps what git's own children leave behind, which Node as process 1 does not.
RUN apk add --no-cache git openssh-client tini
WORKDIR /app
COPY package.json LICENSE ./
COPY dist/ dist/
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/sbin/tini", "--", "node", "/app/dist/cli.js", "watch"]
