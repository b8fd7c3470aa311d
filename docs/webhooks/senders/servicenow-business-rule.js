// Business Rule on Requested Item [sc_req_item]: async, after update, condition "Approval changes to
// Approved". See ../servicenow.md. Runs in the global scope; nothing secret is in it.
(function executeRule(current, previous /* null when async */) {

    // Connection & Credential alias: its connection has the URL of the webhook, its credential (of
    // the type Basic Auth) the secret as the password.
    var ALIAS = gs.getProperty('sluice.connection_alias');

    // What Sluice needs, and nothing else: what is not sent cannot leak.
    var FIELDS = ['sys_id', 'number', 'sys_mod_count', 'sys_updated_by', 'approval', 'state', 'cat_item', 'short_description'];
    var VARIABLES = ['device_id', 'cost_centre', 'managed_device_id', 'device_name', 'notes'];

    function fieldOf(element) {
        return { value: String(element), display_value: String(element.getDisplayValue()) };
    }

    var payload = { variables: {} };
    FIELDS.forEach(function (name) {
        payload[name] = fieldOf(current[name]);
    });
    VARIABLES.forEach(function (name) {
        if (current.variables[name]) {
            payload.variables[name] = fieldOf(current.variables[name]);
        }
    });
    payload.sys_id = String(current.getUniqueValue());

    // JSON.stringify escapes what a template does not: quotes, line ends, backslashes. A dollar sign
    // would be the beginning of a variable to RESTMessageV2.
    var body = JSON.stringify(payload).replace(/\$/g, '\\u0024');

    var connection = new sn_cc.ConnectionInfoProvider().getConnectionInfo(ALIAS);
    var secret = connection.getCredentialAttribute('password');
    var timestamp = String(Math.floor(new GlideDateTime().getNumericValue() / 1000));
    var signature = new GlideCertificateEncryption().generateMac(
        GlideStringUtil.base64Encode(secret), 'HmacSHA256', timestamp + '.' + body);

    var request = new sn_ws.RESTMessageV2();
    request.setHttpMethod('POST');
    request.setEndpoint(connection.getAttribute('url'));
    request.setRequestHeader('Content-Type', 'application/json');
    request.setRequestHeader('X-Sluice-Timestamp', timestamp);
    request.setRequestHeader('X-Sluice-Signature', 'sha256=' + signature);
    request.setRequestBody(body);
    request.setHttpTimeout(10000);

    var response = request.execute();
    var status = response.getStatusCode();
    if (status < 200 || status > 299) {
        // 503 and time-outs pass; everything else has to be looked at. Sluice repeats nothing itself.
        gs.error('Sluice answered ' + status + ' for ' + current.getDisplayValue('number') +
            ': ' + response.getBody());
    }
})(current, previous);
