# The daemon: Node, git and the bundle. Nothing is installed by npm; dist/ holds all that runs.
FROM docker.io/library/node:24-alpine
RUN apk add --no-cache git openssh-client
WORKDIR /app
COPY package.json LICENSE ./
COPY dist/ dist/
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["node", "/app/dist/cli.js", "watch"]
