// Script step of a Flow, before its REST step. Inputs: item (the Requested Item record), secret (the
// password of a Connection & Credential alias). Outputs: body, timestamp, signature (texts), which
// the REST step sends as its body and as the headers X-Sluice-Timestamp and X-Sluice-Signature.
(function execute(inputs, outputs) {

    var FIELDS = ['sys_id', 'number', 'sys_mod_count', 'sys_updated_by', 'approval', 'state', 'cat_item', 'short_description'];
    var VARIABLES = ['device_id', 'cost_centre', 'managed_device_id', 'device_name', 'notes'];

    function fieldOf(element) {
        return { value: String(element), display_value: String(element.getDisplayValue()) };
    }

    var item = inputs.item;
    var payload = { variables: {} };
    FIELDS.forEach(function (name) {
        payload[name] = fieldOf(item[name]);
    });
    VARIABLES.forEach(function (name) {
        if (item.variables[name]) {
            payload.variables[name] = fieldOf(item.variables[name]);
        }
    });
    payload.sys_id = String(item.getUniqueValue());

    outputs.body = JSON.stringify(payload).replace(/\$/g, '\\u0024');
    outputs.timestamp = String(Math.floor(new GlideDateTime().getNumericValue() / 1000));
    outputs.signature = 'sha256=' + new GlideCertificateEncryption().generateMac(
        GlideStringUtil.base64Encode(inputs.secret), 'HmacSHA256',
        outputs.timestamp + '.' + outputs.body);
})(inputs, outputs);
