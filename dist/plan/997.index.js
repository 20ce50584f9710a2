export const id = 997;
export const ids = [997];
export const modules = {

/***/ 8997:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   documentOf: () => (/* binding */ documentOf),
/* harmony export */   rootsOf: () => (/* binding */ rootsOf)
/* harmony export */ });
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1455);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_fs_promises__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var _tidegate_attest__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(2727);
/* harmony import */ var _tidegate_core__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(4218);
/* harmony import */ var _tidegate_oci__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(7397);





/** The roots of `trusted-root`; the public good instance's where nothing is given. */
async function rootsOf(given, job) {
    const notice = (message) => job.log.notice(message);
    if (given)
        return (0,_tidegate_attest__WEBPACK_IMPORTED_MODULE_2__/* .readTrustedRoots */ .Pn)(await documentOf('trusted-root', given, job), given, notice);
    return (0,_tidegate_attest__WEBPACK_IMPORTED_MODULE_2__/* .publicGoodRoots */ .MO)();
}
const LIMIT = 4 * 1024 * 1024;
const MOST_REDIRECTS = 5;
/** A file, or what an https URL (or loopback) gives: a mirror in a closed network. */
async function documentOf(input, given, job) {
    try {
        if (!/^https?:\/\//.test(given))
            return await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.readFile)((0,node_path__WEBPACK_IMPORTED_MODULE_1__.resolve)(job.workspace, given));
        return await fetched(new URL(given), job.network.fetch, AbortSignal.any([job.signal, AbortSignal.timeout(30_000)]));
    }
    catch (cause) {
        throw new _tidegate_core__WEBPACK_IMPORTED_MODULE_3__/* .TidegateError */ .Ut('bad-input', `Input ${input}: ${given} could not be read: ${(0,_tidegate_core__WEBPACK_IMPORTED_MODULE_3__/* .messageOf */ .bD)(cause)}.`, {
            next: 'Give the path of a file, or an https URL that answers with it.',
            cause,
        });
    }
}
/** Whoever can change it on its way says whose signatures count: every step of the way is https, not the first alone. */
async function fetched(first, fetch, signal) {
    const loopback = (0,_tidegate_oci__WEBPACK_IMPORTED_MODULE_4__/* .isLoopback */ .U9)(first.hostname);
    let url = first;
    for (let hops = 0; hops <= MOST_REDIRECTS; hops += 1) {
        if (url.protocol !== 'https:' && !(loopback && (0,_tidegate_oci__WEBPACK_IMPORTED_MODULE_4__/* .isLoopback */ .U9)(url.hostname)))
            throw new Error('only https is fetched');
        const response = await fetch(url, { signal, redirect: 'manual' });
        const location = response.status >= 300 && response.status < 400 ? response.headers.get('location') : null;
        if (location === null)
            return bodyOf(response);
        await response.body?.cancel();
        url = new URL(location, url);
    }
    throw new Error(`more than ${MOST_REDIRECTS} redirects`);
}
async function bodyOf(response) {
    if (!response.ok)
        throw new Error(`status ${response.status}`);
    const chunks = [];
    let length = 0;
    for await (const chunk of response.body ?? []) {
        length += chunk.byteLength;
        if (length > LIMIT)
            throw new Error('it is too long');
        chunks.push(chunk);
    }
    return Buffer.concat(chunks);
}


/***/ })

};
