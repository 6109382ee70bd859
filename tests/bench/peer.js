// peer.js - what a shop would write itself: a loop over the due list with the amazon-payments client,
// one charge after the other, no durable record.
//
//     node peer.js ENDPOINT SECRET SELLERS AGREEMENTS
//
// The packages are those of tests/e2e/npm-client. Prints one JSON object.
'use strict';

const amazonPayments = require('amazon-payments');

const [endpoint, secret, sellers, agreements] = process.argv.slice(2);
const number = (value, width) => String(value).padStart(width, '0');

function clientOf(seller) {
    return amazonPayments.connect({
        environment: {mwsEndpoint: endpoint},
        sellerId: `SELLER${number(seller + 1, 4)}`,
        mwsAccessKey: `AK${seller}`,
        mwsSecretKey: secret,
    });
}

function charge(client, seller, index) {
    const order = `PEER${number(seller, 5)}${number(index, 6)}`;
    return new Promise((resolve, reject) => {
        client.offAmazonPayments.authorizeOnBillingAgreement({
            AmazonBillingAgreementId: `C03-${number(seller + 1, 7)}-${number(index + 1, 7)}`,
            AuthorizationReferenceId: `${order}-1`,
            AuthorizationAmount: {Amount: 1000, CurrencyCode: 'JPY'},
            TransactionTimeout: 0,
            CaptureNow: true,
            SellerOrderAttributes: {SellerOrderId: order},
        }, (error, answer) => (error ? reject(error) : resolve(answer)));
    });
}

async function main() {
    let charges = 0;
    for (let seller = 0; seller < Number(sellers); seller++) {
        const client = clientOf(seller);
        for (let index = 0; index < Number(agreements); index++) {
            const answer = await charge(client, seller, index);
            if (!answer.AuthorizationDetails.IdList.member) {
                throw new Error('not captured');
            }
            charges++;
        }
    }
    const usage = process.resourceUsage();
    const cpu = (usage.userCPUTime + usage.systemCPUTime) / 1e6;
    console.log(JSON.stringify({charges, refused: 0, cpu_s: cpu}));
}

main().catch((error) => {
    console.error(error);
    process.exit(1);
});
