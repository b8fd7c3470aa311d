// ServiceNow as far as the scripts in docs/webhooks/senders need it. Prints what would be sent.
const crypto = require('crypto');
const fs = require('fs');
const [script, secret, now, record] = process.argv.slice(2);
const item = JSON.parse(record);

function element(field) {
    return { toString: () => field.value, getDisplayValue: () => field.display_value };
}
function glide(fields) {
    return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, element(field)]));
}
const current = Object.assign(glide(item.fields), {
    variables: glide(item.variables),
    getUniqueValue: () => item.fields.sys_id.value,
    getDisplayValue: (name) => item.fields[name].display_value,
});
const sent = { headers: {} };
const surroundings = {
    current,
    previous: null,
    inputs: { item: current, secret },
    outputs: {},
    gs: { getProperty: () => 'alias', error: (text) => { throw new Error(text); } },
    GlideDateTime: class { getNumericValue() { return Number(now) * 1000; } },
    GlideStringUtil: { base64Encode: (text) => Buffer.from(text).toString('base64') },
    GlideCertificateEncryption: class {
        generateMac(key, algorithm, data) {
            if (algorithm !== 'HmacSHA256') throw new Error(algorithm);
            return crypto.createHmac('sha256', Buffer.from(key, 'base64')).update(data).digest('base64');
        }
    },
    sn_cc: {
        ConnectionInfoProvider: class {
            getConnectionInfo() {
                return { getCredentialAttribute: () => secret, getAttribute: () => 'https://sluice' };
            }
        },
    },
    sn_ws: {
        RESTMessageV2: class {
            setHttpMethod(method) { sent.method = method; }
            setEndpoint(url) { sent.url = url; }
            setRequestHeader(name, value) { sent.headers[name] = value; }
            setRequestBody(body) { sent.body = body; }
            setHttpTimeout() {}
            execute() { return { getStatusCode: () => 202, getBody: () => '' }; }
        },
    },
};
new Function(...Object.keys(surroundings), fs.readFileSync(script, 'utf8'))(
    ...Object.values(surroundings));
const { outputs } = surroundings;
if (outputs.body) {
    sent.body = outputs.body;
    sent.headers = {
        'X-Sluice-Timestamp': outputs.timestamp,
        'X-Sluice-Signature': outputs.signature,
    };
}
console.log(JSON.stringify(sent));
