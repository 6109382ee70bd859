// flow.js - both payment flows through the npm package `amazon-payments`: the life of one agreement
// (enrol, charge, repeat, refund, read, close) and a one-time payment (set, confirm, authorize, capture,
// refund, close; and one that is canceled), synchronously and asynchronously. Nobody here wrote that
// client, so it cannot share a mistake with us.
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

// Completed two seconds after it was asked for: the sandbox's own clock is moved.
async function refund(capture, reference, amount) {
    const made = await call('refund', {
        AmazonCaptureId: capture, RefundReferenceId: reference, SellerRefundNote: '返金',
        RefundAmount: { Amount: amount, CurrencyCode: 'JPY' },
    });
    assert.strictEqual(made.RefundDetails.RefundStatus.State, 'Pending');
    await control('POST', '/control/clock', { advance_s: 2 });
    const id = made.RefundDetails.AmazonRefundId;
    const done = await call('getRefundDetails', { AmazonRefundId: id });
    assert.strictEqual(done.RefundDetails.RefundStatus.State, 'Completed');
    const details = await call('getCaptureDetails', { AmazonCaptureId: capture });
    assert.strictEqual(details.CaptureDetails.RefundedAmount.Amount, amount);
    assert.strictEqual(details.CaptureDetails.IdList.member, id);
}

// TransactionTimeout left out is Amazon's default, a day: Pending first; two seconds later the answer is
// there. Returns the final AuthorizationDetails.
async function asynchronous(operation, parameters) {
    const made = await call(operation, parameters);
    const pending = made.AuthorizationDetails;
    assert.strictEqual(pending.AuthorizationStatus.State, 'Pending');
    const id = { AmazonAuthorizationId: pending.AmazonAuthorizationId };
    const early = await call('getAuthorizationDetails', id);
    assert.strictEqual(early.AuthorizationDetails.AuthorizationStatus.State, 'Pending');
    await control('POST', '/control/clock', { advance_s: 2 });
    return (await call('getAuthorizationDetails', id)).AuthorizationDetails;
}

async function confirmedOrder(sellerOrderId) {
    const made = await control('POST', '/control/orders', { seller });
    const order = { AmazonOrderReferenceId: made.id };
    const set = await call('setOrderReferenceDetails', Object.assign({
        OrderReferenceAttributes: {
            OrderTotal: { Amount: '5000', CurrencyCode: 'JPY' },
            SellerNote: '靴', SellerOrderAttributes: { SellerOrderId: sellerOrderId },
        },
    }, order));
    assert.strictEqual(set.OrderReferenceDetails.OrderReferenceStatus.State, 'Draft');
    await call('confirmOrderReference', order);
    return order;
}

async function authorized(order, reference) {
    const answer = await call('authorize', Object.assign({
        AuthorizationReferenceId: reference, TransactionTimeout: 0,
        AuthorizationAmount: { Amount: '5000', CurrencyCode: 'JPY' },
    }, order));
    assert.strictEqual(answer.AuthorizationDetails.AuthorizationStatus.State, 'Open');
    return answer.AuthorizationDetails.AmazonAuthorizationId;
}

async function stateOf(order) {
    const details = await call('getOrderReferenceDetails', order);
    return details.OrderReferenceDetails.OrderReferenceStatus.State;
}

async function oneTime() {
    const order = await confirmedOrder('npm-once');
    const authorization = await authorized(order, 'npm-once-a');
    const captured = await call('capture', {
        AmazonAuthorizationId: authorization, CaptureReferenceId: 'npm-once-c',
        CaptureAmount: { Amount: '4800', CurrencyCode: 'JPY' },
    });
    assert.strictEqual(captured.CaptureDetails.CaptureStatus.State, 'Completed');
    await refund(captured.CaptureDetails.AmazonCaptureId, 'npm-once-r', '800');
    await call('closeOrderReference', Object.assign({ ClosureReason: 'shipped' }, order));
    assert.strictEqual(await stateOf(order), 'Closed');

    const second = await confirmedOrder('npm-canceled');
    const open = await authorized(second, 'npm-canceled-a');
    await call('cancelOrderReference', Object.assign({ CancelationReason: 'sold out' }, second));
    assert.strictEqual(await stateOf(second), 'Canceled');
    const details = await call('getAuthorizationDetails', { AmazonAuthorizationId: open });
    assert.strictEqual(details.AuthorizationDetails.AuthorizationStatus.ReasonCode,
        'OrderReferenceCanceled');

    const third = await confirmedOrder('npm-unused');
    const unused = { AmazonAuthorizationId: await authorized(third, 'npm-unused-a') };
    await call('closeAuthorization', unused);
    const closed = await call('getAuthorizationDetails', unused);
    assert.strictEqual(closed.AuthorizationDetails.AuthorizationStatus.ReasonCode, 'SellerClosed');
}

async function oneTimeAsynchronous() {
    const order = await confirmedOrder('npm-async-once');
    const held = await asynchronous('authorize', Object.assign({
        AuthorizationReferenceId: 'npm-async-once-a',
        AuthorizationAmount: { Amount: '5000', CurrencyCode: 'JPY' },
    }, order));
    assert.strictEqual(held.AuthorizationStatus.State, 'Open');
    const captured = await call('capture', {
        AmazonAuthorizationId: held.AmazonAuthorizationId, CaptureReferenceId: 'npm-async-once-c',
        CaptureAmount: { Amount: '5000', CurrencyCode: 'JPY' },
    });
    await refund(captured.CaptureDetails.AmazonCaptureId, 'npm-async-once-r', '5000');

    const second = await confirmedOrder('npm-async-declined');
    await control('POST', `/control/orders/${second.AmazonOrderReferenceId}/decline`,
        { reason: 'InvalidPaymentMethod' });
    const declined = await asynchronous('authorize', Object.assign({
        AuthorizationReferenceId: 'npm-async-declined-a', CaptureNow: true,
        AuthorizationAmount: { Amount: '5000', CurrencyCode: 'JPY' },
    }, second));
    assert.strictEqual(declined.AuthorizationStatus.State, 'Declined');
    assert.strictEqual(declined.AuthorizationStatus.ReasonCode, 'InvalidPaymentMethod');
    assert.strictEqual(await stateOf(second), 'Suspended');
}

async function autoPayAsynchronous() {
    const made = await control('POST', '/control/agreements', { seller });
    const charge = (reference, order, note) => asynchronous('authorizeOnBillingAgreement', {
        AmazonBillingAgreementId: made.id, AuthorizationReferenceId: reference, CaptureNow: true,
        AuthorizationAmount: { Amount: '1200', CurrencyCode: 'JPY' },
        SellerAuthorizationNote: note, SellerOrderAttributes: { SellerOrderId: order },
    });
    const declined = await charge('npm-async-1-1', 'npm-async-1',
        '{"SandboxSimulation":{"State":"Declined","ReasonCode":"AmazonRejected"}}');
    assert.strictEqual(declined.AuthorizationStatus.ReasonCode, 'AmazonRejected');
    const paid = await charge('npm-async-1-2', 'npm-async-1', '五月');
    assert.strictEqual(paid.AuthorizationStatus.ReasonCode, 'MaxCapturesProcessed');
    assert.strictEqual(paid.CapturedAmount.Amount, '1200');
    await refund(paid.IdList.member, 'npm-async-1-r', '1200');
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

    await refund(details.AuthorizationDetails.IdList.member, 'npm-1-r', '180');

    await call('closeBillingAgreement', Object.assign({ ClosureReason: '解約' }, agreement));
    const closed = await call('getBillingAgreementDetails', agreement);
    const status = closed.BillingAgreementDetails.BillingAgreementStatus;
    assert.strictEqual(status.State, 'Closed');
    assert.strictEqual(status.ReasonCode, 'SellerClosed');
    assert.strictEqual(status.ReasonDescription, '解約');

    await oneTime();
    await oneTimeAsynchronous();
    await autoPayAsynchronous();
    const ledger = await control('GET', '/control/ledger?totals=1');
    assert.strictEqual(ledger.totals.captures, 4);
    assert.strictEqual(ledger.totals.refunds, 4);
    assert.strictEqual(ledger.totals.by_currency[0].captured, '11980');
    assert.strictEqual(ledger.totals.by_currency[0].refunded, '7180');
    assert.strictEqual(ledger.totals.double_charged, 0);
    assert.strictEqual(ledger.entries, undefined);
}

main().then(() => console.log('ok'), (error) => {
    console.error(error);
    process.exit(1);
});
