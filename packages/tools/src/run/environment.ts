import { realpath } from 'node:fs/promises';
import { delimiter, isAbsolute, relative } from 'node:path';

/**
 * Variables of the job's environment that programs receive: PATH, network access, language. Everything else is
 * withheld, including INPUT_*, ACTIONS_*, GITHUB_TOKEN, the settings of any tool (SYFT_*, GRYPE_*, GIT_*, BUILDX_*) and
 * the user's own secrets.
 */
const PASSED = new Set([
  'PATH',
  'USER',
  'LOGNAME',
  'TZ',
  'LANG',
  'LANGUAGE',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'ALL_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'all_proxy',
]);

/** The user's own folders: configuration, logins, caches. Only children with a stated reason receive them. */
const USER_FOLDERS = new Set([
  'HOME',
  'XDG_CACHE_HOME',
  'XDG_CONFIG_HOME',
  'XDG_CONFIG_DIRS',
  'XDG_DATA_HOME',
  'XDG_DATA_DIRS',
  'XDG_STATE_HOME',
  'XDG_RUNTIME_DIR',
]);

/** Of the user's desktop: the display, the session, input methods, the preferred browser. */
const DESKTOP = new Set([
  'DISPLAY',
  'WAYLAND_DISPLAY',
  'XAUTHORITY',
  'XMODIFIERS',
  'GTK_IM_MODULE',
  'QT_IM_MODULE',
  'DBUS_SESSION_BUS_ADDRESS',
  'DESKTOP_SESSION',
  'GNOME_DESKTOP_SESSION_ID',
  'KDE_FULL_SESSION',
  'KDE_SESSION_VERSION',
  'MATE_DESKTOP_SESSION_ID',
  'SESSION_MANAGER',
  'BROWSER',
  'WSL_DISTRO_NAME',
  'WSL_INTEROP',
]);

/** Variables that xdg-open and the programs that it starts read. */
export function isOfDesktop(name: string): boolean {
  return DESKTOP.has(name) || name.startsWith('XDG_');
}

type Variables = Readonly<Record<string, string | undefined>>;

export function passedOn(env: Variables): Record<string, string> {
  return only(env, (name) => PASSED.has(name) || name.startsWith('LC_'));
}

export function userFolders(env: Variables): Record<string, string> {
  // A relative HOME would be resolved in the program's working folder, which may be the checkout.
  return only(env, (name) => USER_FOLDERS.has(name) && (name !== 'HOME' || isAbsolute(env.HOME ?? '')));
}

export function only(env: Variables, isWanted: (name: string) => boolean): Record<string, string> {
  const wanted: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) if (value !== undefined && isWanted(name)) wanted[name] = value;
  return wanted;
}

/**
 * PATH without relative folders and without folders in `workspace`: a commit must not provide the programs that check
 * it.
 */
export async function pathOutside(path: string, workspace: string): Promise<string> {
  const folders: string[] = [];
  for (const folder of path.split(delimiter)) {
    if (isAbsolute(folder) && (await resolvesOutside(folder, workspace))) folders.push(folder);
  }
  return folders.join(delimiter);
}

/** Whether `path` is outside `folder`, both as written and with symbolic links resolved. */
export async function resolvesOutside(path: string, folder: string): Promise<boolean> {
  const [real, realFolder] = await Promise.all([path, folder].map((each) => realpath(each).catch(() => each)));
  return !isInside(path, folder) && !isInside(real ?? path, realFolder ?? folder);
}

function isInside(path: string, folder: string): boolean {
  const seen = relative(folder, path);
  return seen !== '..' && !seen.startsWith('../') && !isAbsolute(seen);
}
