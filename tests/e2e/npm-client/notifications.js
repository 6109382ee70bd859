// notifications.js - the sandbox's notifications, checked by two npm packages that nobody here wrote:
// `sns-validator` (envelope, both signature versions) and `amazon-payments` (envelope and the XML inside).
//
// Both fetch the signing certificate from the host of Amazon SNS that the envelope names. Connections
// there are led to the sandbox; name and chain of its certificate are verified as ever.
//
// Starts nothing; run.sh gives the environment, as for flow.js.
'use strict';

const assert = require('assert');
const http = require('http');
const tls = require('tls');
const amazonPayments = require('amazon-payments');
const MessageValidator = require('sns-validator');

const seller = process.env.SANDBOX_SELLER;
const validator = new MessageValidator();
const payments = amazonPayments.connect({
    environment: { mwsEndpoint: 'https://localhost', apiEndpoint: 'https://localhost' },
    sellerId: seller,
    mwsAccessKey: process.env.SANDBOX_ACCESS_KEY,
    mwsSecretKey: process.env.SANDBOX_SECRET,
});

const connect = tls.connect;
tls.connect = (options, ...rest) => {
    const led = /^sns\.[a-z0-9-]+\.amazonaws\.com$/.test(options.host)
        ? Object.assign({}, options, {
            host: '127.0.0.1', port: process.env.SANDBOX_PORT, servername: options.host,
        })
        : options;
    return connect(led, ...rest);
};

function control(method, path, body) {
    return new Promise((resolve, reject) => {
        const options = { host: '127.0.0.1', port: process.env.SANDBOX_CONTROL_PORT, method, path };
        const request = http.request(options, (response) => {
            let text = '';
            response.on('data', (part) => { text += part; });
            response.on('end', () => (response.statusCode < 300
                ? resolve(JSON.parse(text)) : reject(new Error(`${path}: ${text}`))));
        });
        request.on('error', reject);
        request.end(JSON.stringify(body));
    });
}

const validate = (envelope) => new Promise((resolve, reject) => {
    validator.validate(envelope, (error) => (error ? reject(error) : resolve()));
});

const parse = (envelope) => new Promise((resolve, reject) => {
    payments.parseSNSResponse(envelope, (error, parsed) => (error ? reject(error) : resolve(parsed)));
});

// A merchant's server; next() is the next envelope that was posted to it.
function receiver() {
    const got = [];
    const waiting = [];
    const server = http.createServer((request, response) => {
        let text = '';
        request.on('data', (part) => { text += part; });
        request.on('end', () => {
            const envelope = JSON.parse(text);
            response.end();
            if (waiting.length > 0) {
                waiting.shift()(envelope);
            } else {
                got.push(envelope);
            }
        });
    });
    const next = () => (got.length > 0
        ? Promise.resolve(got.shift()) : new Promise((resolve) => { waiting.push(resolve); }));
    return new Promise((resolve) => {
        server.listen(0, '127.0.0.1', () => resolve({ server, next, port: server.address().port }));
    });
}

async function everyType(next) {
    const types = new Set();
    await control('POST', '/control/notifications/sample', { seller });
    for (let i = 0; i < 9; i += 1) {
        const envelope = await next();
        await validate(envelope);
        const message = await parse(envelope);
        assert.strictEqual(message.SellerId, seller);
        assert.strictEqual(message.IsSample, true);
        types.add(message.NotificationType);
    }
    assert.strictEqual(types.size, 9);
}

async function stateOfAnAgreement(next) {
    const made = await control('POST', '/control/agreements', { seller });
    await control('POST', `/control/agreements/${made.id}/close`, {});
    const states = [];
    for (let i = 0; i < 2; i += 1) {
        const message = await parse(await next());
        assert.strictEqual(message.EventType, 'BillingAgreementStatusUpdated');
        assert.strictEqual(message.NotificationData.AmazonBillingAgreementId, made.id);
        states.push(message.NotificationData.BillingAgreementStatus.State);
    }
    assert.deepStrictEqual(states.sort(), ['Closed', 'Open']);
}

async function otherVersion(next) {
    await control('POST', '/control/rules',
        { 'notify-signature-version': '2', 'notify-subject': 'present' });
    await control('POST', '/control/notifications/sample', { seller, type: 'PaymentCapture' });
    const envelope = await next();
    assert.strictEqual(envelope.SignatureVersion, '2');
    assert.strictEqual(envelope.Subject, 'Amazon Pay');
    await validate(envelope);
    await control('POST', '/control/rules', { 'notify-signature-version': '1' });
}

async function forged(next) {
    for (const fault of [{ fault: 'tamper' }, { fault: 'foreign_url' },
        { fault: 'wrong_certificate', variant: 'wrong_key' }]) {
        await control('POST', '/control/notifications/faults', [Object.assign({ count: 1 }, fault)]);
        await control('POST', '/control/notifications/sample', { seller, type: 'PaymentCapture' });
        const envelope = await next();
        await assert.rejects(validate(envelope), undefined, fault.fault);
        await assert.rejects(parse(envelope), undefined, fault.fault);
    }
}

async function main() {
    const { server, next, port } = await receiver();
    await control('PUT', '/control/notifications', { seller, url: `http://127.0.0.1:${port}/ipn` });
    await everyType(next);
    await stateOfAnAgreement(next);
    await otherVersion(next);
    await forged(next);
    server.close();
    server.closeAllConnections();
}

main().then(() => console.log('ok'), (error) => {
    console.error(error);
    process.exit(1);
});
