/** The commit that must not get through: a dependency goes back to a release with a known hole. */
export const VULNERABLE = {
  message: 'Go back to jwt 4.5.0: the newer one breaks a test',
  advisory: 'CVE-2025-30204',
  /** The ids it goes by in the public Go data and in the GitHub Advisory Database. */
  ids: ['GO-2025-3553', 'GHSA-mh63-6h87-95cp', 'CVE-2025-30204'],
  changes: {
    'go.mod': [['github.com/golang-jwt/jwt/v4 v4.5.2', 'github.com/golang-jwt/jwt/v4 v4.5.0']],
    'go.sum': [
      [
        'v4.5.2 h1:YtQM7lnr8iZ+j5q71MGKkNw9Mn7AjHM68uc9g5fXeUI=',
        'v4.5.0 h1:7cYmW1XlMY7h7ii7UhUyChSgS5wUJEnm9uZVTGqOWzg=',
      ],
      ['v4.5.2/go.mod', 'v4.5.0/go.mod'],
    ],
  },
} as const;
