import type { NameRow } from './row.fixture.ts';

/** Owners and repositories. */
export const OWNER_ROWS: readonly NameRow[] = [
  { about: 'an ordinary name', tags: ['main'], version: 'main', reason: 'This run is for branch main.' },
  {
    about: 'an owner with capitals',
    repository: 'Acme/App',
    named: 'ghcr.io/acme/app',
    tags: ['main'],
    version: 'main',
    reason: 'Input image: ghcr.io/Acme/App is used as ghcr.io/acme/app, because registries accept lower case only.',
  },
  {
    about: 'capitals in the repository only',
    repository: 'acme/MyApp',
    named: 'ghcr.io/acme/myapp',
    tags: ['main'],
    version: 'main',
    reason: 'Input image: ghcr.io/acme/MyApp is used as ghcr.io/acme/myapp, because registries accept lower case only.',
  },
  {
    about: 'an Enterprise Managed User',
    repository: 'ada_acme/app',
    tags: ['main'],
    version: 'main',
    reason: 'Will publish: push of branch main.',
  },
  {
    about: 'an Enterprise Managed User with capitals and a dash',
    repository: 'Ada-L_acme/app',
    named: 'ghcr.io/ada-l_acme/app',
    tags: ['main'],
    version: 'main',
    reason:
      'Input image: ghcr.io/Ada-L_acme/app is used as ghcr.io/ada-l_acme/app, because registries accept lower case only.',
  },
  {
    about: 'an owner of Forgejo with a dot',
    repository: 'ada.lovelace/app',
    image: 'forge.example/ada.lovelace/app',
    tags: ['main'],
    version: 'main',
    reason: 'Will publish: push of branch main.',
  },
  {
    about: 'a repository with dots, dashes and underscores',
    repository: 'acme/my.app_x-y',
    tags: ['main'],
    version: 'main',
    reason: 'Will publish: push of branch main.',
  },
  {
    about: 'a repository with two dashes',
    repository: 'acme/a--b',
    tags: ['main'],
    version: 'main',
    reason: 'Will publish: push of branch main.',
  },
  {
    about: 'a repository that no registry takes',
    repository: 'acme/.github',
    tags: [],
    refused: true,
    reason:
      'in the part ".github", single dots, one or two underscores, or dashes may appear only between letters and digits',
  },
  {
    about: 'a repository that ends in a dash',
    repository: 'acme/app-',
    tags: [],
    refused: true,
    reason: 'in the part "app-"',
  },
  {
    about: 'a repository that no registry takes, with an image of another name',
    repository: 'acme/.github',
    image: 'ghcr.io/acme/defaults',
    tags: ['main'],
    version: 'main',
    reason: 'Will publish: push of branch main.',
  },
  {
    about: 'a name of Docker Hub with capitals',
    image: 'Acme/App',
    named: 'docker.io/acme/app',
    tags: ['main'],
    version: 'main',
    reason: 'Input image: Acme/App is used as docker.io/acme/app, because registries accept lower case only.',
  },
  {
    about: 'an image with a tag',
    image: 'ghcr.io/acme/app:1',
    tags: [],
    refused: true,
    reason: 'expected a repository without a tag or digest',
  },
];
