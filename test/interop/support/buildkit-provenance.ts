/** The shortest provenance of BuildKit for a build. */
export const BUILDKIT = {
  builder: { id: '' },
  buildType: 'https://mobyproject.org/buildkit@v1',
  invocation: {
    configSource: { entryPoint: 'Dockerfile' },
    parameters: { frontend: 'dockerfile.v0' },
    environment: { platform: 'linux/amd64' },
  },
};
