export const id = 665;
export const ids = [665];
export const modules = {

/***/ 3552:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Kv: () => (/* binding */ signerOf),
/* harmony export */   _y: () => (/* binding */ pemOf)
/* harmony export */ });
/* unused harmony exports rememberSigner, trustOf */
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7598);
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_crypto__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1455);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_fs_promises__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(6760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_2___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_2__);
/* harmony import */ var _tidegate_attest__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(2727);
/* harmony import */ var _tidegate_core__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(6865);
/* harmony import */ var _tidegate_tools__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(7025);
/* harmony import */ var _trusted_root_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(8997);







/** A PEM given as text, or the path of a file that holds one. */
async function pemOf(input, value, job) {
    if (value.includes('-----BEGIN '))
        return value;
    try {
        return await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.readFile)((0,node_path__WEBPACK_IMPORTED_MODULE_2__.resolve)(job.workspace, value), 'utf8');
    }
    catch (cause) {
        // The value is not shown: it may be a key whose first line was lost on the way.
        throw new _tidegate_core__WEBPACK_IMPORTED_MODULE_4__/* .TidegateError */ .Ut('bad-input', `Input ${input}: expected PEM text, or the path of a file that can be read.`, {
            next: 'Check the secret: it must begin with -----BEGIN.',
            cause,
        });
    }
}
async function signerOf(inputs, job) {
    return (0,_tidegate_attest__WEBPACK_IMPORTED_MODULE_3__/* .keySigner */ .Ye)(await pemOf('key', inputs.key, job), inputs['key-password'] || undefined);
}
/** Outside the layout, which may come from another job: what vouches for it must not travel in it. */
async function signerFile(layout, job) {
    const id = createHash('sha256')
        .update(await realpath(layout))
        .digest('hex')
        .slice(0, 16);
    return join(job.temp, 'tidegate', '.keys', `${id}.json`);
}
/** Remember who signed this layout, for a push-image later in this job. */
async function rememberSigner(layout, signed, job) {
    const file = await signerFile(layout, job);
    await makeFolder(dirname(file));
    await writeFile(file, JSON.stringify(signed));
}
/** Whose signatures count: the given key's, or of whoever used sign-image in this job; nobody's if neither. */
async function trustOf(given, layout, job) {
    if (given)
        return { publicKeys: [parsePublicKey(await pemOf('verification-key', given, job))] };
    let text;
    try {
        text = await readFile(await signerFile(layout, job), 'utf8');
    }
    catch {
        return { publicKeys: [] };
    }
    const { publicKey, identities, trustedRoot, log, timestamp } = JSON.parse(text);
    // A key counts without a log where it was signed without; who signed keyless is only known through the roots.
    const roots = identities || trustedRoot !== undefined ? await rootsOf(trustedRoot ?? '', job) : undefined;
    return {
        publicKeys: publicKey ? [parsePublicKey(publicKey)] : [],
        ...(identities ? { identities } : {}),
        ...(roots ? { roots } : {}),
        ...(log ? { log } : {}),
        ...(timestamp ? { timestamp } : {}),
    };
}


/***/ }),

/***/ 665:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  signingOf: () => (/* binding */ signingOf)
});

// UNUSED EXPORTS: rememberedOf, servicesOf

// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
// EXTERNAL MODULE: external "node:timers/promises"
var external_node_timers_promises_ = __webpack_require__(8500);
// EXTERNAL MODULE: ./packages/attest/src/index.ts + 52 modules
var src = __webpack_require__(2727);
// EXTERNAL MODULE: ./packages/core/src/index.ts + 203 modules
var core_src = __webpack_require__(6865);
// EXTERNAL MODULE: ./packages/pipeline/src/index.ts + 61 modules
var pipeline_src = __webpack_require__(4770);
// EXTERNAL MODULE: ./actions/support/key.ts
var key = __webpack_require__(3552);
// EXTERNAL MODULE: ./actions/support/public-log.ts
var public_log = __webpack_require__(7833);
;// CONCATENATED MODULE: ./actions/support/root-given.ts

/**
 * Keyless signatures are verified before anything has a tag, and only the public good instance's root is known here.
 * @throws TidegateError `bad-input`
 */
function assertRootGiven(inputs) {
    const { 'signing-config': config, 'trusted-root': root } = inputs;
    if (config === 'public-good' || root !== '')
        return;
    throw (0,core_src/* badInput */.AN)('trusted-root', root, `the trusted root that belongs to signing-config ${config}`, 'Give the path or https URL of its trusted_root.json: what is signed is verified before anything has a tag.');
}

// EXTERNAL MODULE: ./actions/support/signing-mode.ts
var signing_mode = __webpack_require__(2870);
// EXTERNAL MODULE: ./actions/support/trusted-root.ts
var trusted_root = __webpack_require__(8997);
;// CONCATENATED MODULE: ./actions/support/signing.ts











/**
 * Read what the inputs name, so that a wrong key or file is found before an image is built. The certificate of a
 * keyless run is asked for only when the returned function is called.
 */
async function signingOf(inputs, job) {
    (0,signing_mode/* signingMode */.Jt)(inputs.signing, inputs.key !== '');
    const asking = askingOf(inputs, job);
    const services = await servicesOf(inputs, job);
    if ((0,pipeline_src/* isHeldElsewhere */.uJ)(inputs.key)) {
        const witnesses = witnessesOf(inputs.witness, [], services, asking);
        const witnessed = await witnessedAs(inputs, job);
        return async (stage) => {
            const signer = await (0,pipeline_src/* cosignSigner */.kl)(inputs.key, job.env, stage);
            const trust = { publicKeys: [signer.publicKey], ...witnessed };
            return { signer, witnesses, trust, publicKeyPem: signer.publicKeyPem };
        };
    }
    if (inputs.key) {
        const signer = await (0,key/* signerOf */.Kv)(inputs, job);
        const witnesses = witnessesOf(inputs.witness, [], services, asking);
        const trust = { publicKeys: [signer.publicKey], ...(await witnessedAs(inputs, job)) };
        return async () => ({ signer, witnesses, trust, publicKeyPem: signer.publicKeyPem });
    }
    assertRootGiven(inputs);
    const roots = await (0,trusted_root/* rootsOf */.R)(inputs['trusted-root'], job);
    const witnesses = witnessesOf(inputs.witness, KEYLESS_WITNESSES, services, asking);
    const tokens = await firstOf(tokensOf(inputs['identity-token'], job), job, (token) => (0,public_log/* assertMayBeLogged */.L)(inputs, services, job, token));
    return async () => {
        const signer = await (0,src/* keylessSigner */.ln)({ ...asking, fulcio: services.fulcio, tokens });
        const certified = await (0,src/* certificateIdentity */.Wb)(signer.certificate);
        // Every claim: the workflow alone is also the identity of other repositories that call it.
        const identities = [(0,core_src/* exactIdentity */.M2)(certified.identity)];
        return { signer, witnesses, trust: { publicKeys: [], identities, roots }, certified, publicKeyPem: '' };
    };
}
/** Ask for a token now, so that a job without one learns it before it builds; it is used where it is still fresh. */
async function firstOf(tokens, job, check) {
    let held = await tokens(src/* SIGSTORE_AUDIENCE */.OH);
    (0,src/* assertUsable */.jI)(held, job.clock());
    await check(held);
    const asked = job.clock().getTime();
    return async (audience) => {
        const token = job.clock().getTime() - asked < FRESH_MS ? held : undefined;
        held = undefined;
        return token ?? tokens(audience);
    };
}
const FRESH_MS = 60_000;
/**
 * What a key's signatures must have beside them, where somebody was asked to testify: a log's entry that does not hold
 * would be found by whoever verifies, and should be found before the image has a tag. Nothing where no root says who the
 * witnesses are.
 */
async function witnessedAs(inputs, job) {
    const { witness, 'trusted-root': root, 'signing-config': config } = inputs;
    const [log, timestamp] = ['rekor', 'timestamp'].map((one) => (witness.includes(one) ? 'required' : 'optional'));
    if (log === timestamp && log === 'optional')
        return {};
    if (!root && config !== 'public-good')
        return {};
    return { roots: await (0,trusted_root/* rootsOf */.R)(root, job), log: log ?? 'optional', timestamp: timestamp ?? 'optional' };
}
function askingOf(inputs, job) {
    const kind = inputs['on-outage'];
    const milliseconds = inputs['outage-patience'] ?? 0;
    return {
        outage: kind === 'wait' ? { kind, milliseconds } : { kind },
        fetch: job.network.fetch,
        signal: job.signal,
        clock: job.clock,
        notice: (message) => job.log.warning(message),
        pause: (time, signal) => (0,external_node_timers_promises_.setTimeout)(time, undefined, { signal }),
    };
}
const KEYLESS_WITNESSES = ['rekor', 'timestamp'];
function witnessesOf(named, byDefault, { name, rekor, timestamps }, asking) {
    const wrong = named.find((one) => !['rekor', 'timestamp', 'none'].includes(one));
    if (wrong !== undefined || (named.includes('none') && named.length > 1)) {
        throw (0,core_src/* badInput */.AN)('witness', named.join(', '), 'rekor, timestamp or both, or none alone', 'Write for example: rekor, timestamp.');
    }
    const wanted = named.length > 0 ? named : byDefault;
    const made = [
        ...(wanted.includes('rekor') ? some(rekor, (services) => (0,src/* rekorWitness */.vg)(services, asking)) : []),
        ...(wanted.includes('timestamp') ? some(timestamps, (services) => (0,src/* timestampWitness */.gY)(services, asking)) : []),
    ];
    const lacking = named.find((one) => (one === 'rekor' && rekor.count === 0) || (one === 'timestamp' && timestamps.count === 0));
    if (lacking === undefined && (made.length > 0 || wanted.length === 0 || wanted.includes('none')))
        return made;
    throw new core_src/* TidegateError */.Ut('bad-input', `The signing config ${name} names no service for ${lacking ?? wanted.join(' or ')}.`, {
        next: 'Give a signing config that does, or leave it out of witness.',
    });
}
/** `count` witnesses, each with services to fall back to that no other one uses. */
function some({ services, count }, make) {
    return Array.from({ length: count }, (_, at) => make(services.filter((_one, index) => index % count === at)));
}
async function servicesOf(inputs, job) {
    const given = inputs['signing-config'];
    if (given === 'public-good' || given === 'github')
        return src/* SIGNING_SERVICES */.N_[given];
    return (0,src/* parseSigningConfig */.V2)(await (0,trusted_root/* documentOf */.l)('signing-config', given, job), job.clock(), given);
}
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
/** A file is read anew each time: whoever writes it (a cluster, another login) keeps it fresh. */
function tokensOf(given, job) {
    if (!given)
        return job.idToken;
    if (JWT.test(given.trim()))
        return async () => given.trim();
    return async () => {
        let token;
        try {
            token = (await (0,promises_.readFile)((0,external_node_path_.resolve)(job.workspace, given), 'utf8')).trim();
        }
        catch {
            // Neither the value, which may be a broken token, nor the system's complaint, which repeats it.
            throw new core_src/* TidegateError */.Ut('bad-input', 'Input identity-token: expected a JSON Web Token, or the path of a file that can be read.', {
                next: 'Check the secret, or the path.',
            });
        }
        job.log.mask(token);
        return token;
    };
}
/** What push-image, later in this job, verifies with. */
function rememberedOf(inputs, publicKey, { trust }) {
    const { roots, log, timestamp } = trust;
    return publicKey
        ? { publicKey, ...(roots ? { trustedRoot: inputs['trusted-root'], log, timestamp } : {}) }
        : { ...(trust.identities ? { identities: trust.identities } : {}), trustedRoot: inputs['trusted-root'] };
}


/***/ }),

/***/ 8997:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   R: () => (/* binding */ rootsOf),
/* harmony export */   l: () => (/* binding */ documentOf)
/* harmony export */ });
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1455);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_fs_promises__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var _tidegate_attest__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(2727);
/* harmony import */ var _tidegate_core__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(6865);
/* harmony import */ var _tidegate_oci__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(6141);





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
