// flow.js - the life of one agreement through the npm package `amazon-payments`: enrol, charge, repeat,
// read, close. Nobody here wrote that client, so it cannot share a mistake with us.
//
// Its one known defect is avoided: it signs '*' as %2a, in lower case, which no server may accept.
//
// Starts nothing: run.sh gives the two ports in the environment, and the CA in NODE_EXTRA_CA_CERTS.
'use strict';

const assert = require('assert');
const http = require('http');
const amazonPayments = require('amazon-payments');

const seller = process.env.SANDBOX_SELLER;
const payments = amazonPayments.connect({
    environment: {
        mwsEndpoint: `https://localhost:${process.env.SANDBOX_PORT}/OffAmazonPayments_Sandbox/2013-01-01`,
        apiEndpoint: 'https://localhost',
    },
    sellerId: seller,
    mwsAccessKey: process.env.SANDBOX_ACCESS_KEY,
    mwsSecretKey: process.env.SANDBOX_SECRET,
}).offAmazonPayments;

function call(operation, parameters) {
    return new Promise((resolve, reject) => {
        payments[operation](parameters, (error, result) => (error ? reject(error) : resolve(result)));
    });
}

function control(method, path, body) {
    return new Promise((resolve, reject) => {
        const options = { host: '127.0.0.1', port: process.env.SANDBOX_CONTROL_PORT, method, path };
        const request = http.request(options, (response) => {
            let text = '';
            response.on('data', (part) => { text += part; });
            response.on('end', () => resolve(JSON.parse(text)));
        });
        request.on('error', reject);
        request.end(body === undefined ? '' : JSON.stringify(body));
    });
}

async function refused(promise, code) {
    await assert.rejects(promise, (error) => {
        assert.ok(JSON.stringify(error).includes(code) || String(error).includes(code),
            `expected ${code}, got ${JSON.stringify(error)}`);
        return true;
    });
}

async function main() {
    const made = await control('POST', '/control/agreements',
        { seller, state: 'Draft', consent: true, limit: '3000' });
    const agreement = { AmazonBillingAgreementId: made.id };

    const set = await call('setBillingAgreementDetails', Object.assign({
        BillingAgreementAttributes: {
            SellerNote: "月額 <プラン> & more! (it's ours) ~",
            SellerBillingAgreementAttributes: { SellerBillingAgreementId: 'sub 1+1' },
        },
    }, agreement));
    assert.strictEqual(set.BillingAgreementDetails.SellerNote, "月額 <プラン> & more! (it's ours) ~");
    assert.strictEqual(set.BillingAgreementDetails.BillingAgreementStatus.State, 'Draft');
    await call('confirmBillingAgreement', agreement);
    const validated = await call('validateBillingAgreement', agreement);
    assert.strictEqual(validated.ValidationResult, 'Success');

    const charge = Object.assign({
        AuthorizationReferenceId: 'npm-1-1',
        AuthorizationAmount: { Amount: '980', CurrencyCode: 'JPY' },
        SellerAuthorizationNote: '四月',
        TransactionTimeout: 0,
        CaptureNow: true,
        SellerOrderAttributes: { SellerOrderId: 'npm-1' },
    }, agreement);
    const first = await call('authorizeOnBillingAgreement', charge);
    assert.strictEqual(first.AuthorizationDetails.AuthorizationStatus.State, 'Closed');
    assert.strictEqual(first.AuthorizationDetails.AuthorizationStatus.ReasonCode, 'MaxCapturesProcessed');
    assert.strictEqual(first.AuthorizationDetails.CapturedAmount.Amount, '0');
    const id = first.AuthorizationDetails.AmazonAuthorizationId;

    const repeated = await call('authorizeOnBillingAgreement', charge);
    assert.strictEqual(repeated.AuthorizationDetails.AmazonAuthorizationId, id);
    assert.strictEqual(repeated.AmazonOrderReferenceId, first.AmazonOrderReferenceId);
    const other = { AuthorizationAmount: { Amount: '981', CurrencyCode: 'JPY' } };
    await refused(call('authorizeOnBillingAgreement', Object.assign({}, charge, other)), 'DuplicateRequest');
    const tooMuch = {
        AuthorizationReferenceId: 'npm-2-1', AuthorizationAmount: { Amount: '2021', CurrencyCode: 'JPY' },
    };
    await refused(call('authorizeOnBillingAgreement', Object.assign({}, charge, tooMuch)),
        'PeriodicAmountExceeded');

    const details = await call('getAuthorizationDetails', { AmazonAuthorizationId: id });
    assert.strictEqual(details.AuthorizationDetails.CapturedAmount.Amount, '980');
    assert.strictEqual(details.AuthorizationDetails.SellerAuthorizationNote, '四月');
    const order = await call('getOrderReferenceDetails',
        { AmazonOrderReferenceId: first.AmazonOrderReferenceId });
    assert.strictEqual(order.OrderReferenceDetails.IdList.member, id);
    assert.strictEqual(order.OrderReferenceDetails.SellerOrderAttributes.SellerOrderId, 'npm-1');
    const open = await call('getBillingAgreementDetails', agreement);
    const limits = open.BillingAgreementDetails.BillingAgreementLimits;
    assert.strictEqual(limits.CurrentRemainingBalance.Amount, '2020');

    await call('closeBillingAgreement', Object.assign({ ClosureReason: '解約' }, agreement));
    const closed = await call('getBillingAgreementDetails', agreement);
    const status = closed.BillingAgreementDetails.BillingAgreementStatus;
    assert.strictEqual(status.State, 'Closed');
    assert.strictEqual(status.ReasonCode, 'SellerClosed');
    assert.strictEqual(status.ReasonDescription, '解約');

    const ledger = await control('GET', '/control/ledger?totals=1');
    assert.strictEqual(ledger.totals.captures, 1);
    assert.strictEqual(ledger.totals.double_charged, 0);
    assert.strictEqual(ledger.entries, undefined);
}

main().then(() => console.log('ok'), (error) => {
    console.error(error);
    process.exit(1);
});
