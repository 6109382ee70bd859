/*
 * reply_order.c - order references and lists of them.
 */
#include "mws/reply.h"

void reply_order_reference(struct mws_reply *reply, const struct xml_node *result)
{
    struct mws_order_reference_details *details = &reply->order_reference;
    const struct xml_node *node = xml_at(result, "OrderReferenceDetails");
    reply_required(reply, node, "AmazonOrderReferenceId", details->amazon_order_reference_id,
                   sizeof details->amazon_order_reference_id);
    reply_text(reply, node, "SellerOrderAttributes/SellerOrderId", details->seller_order_id,
               sizeof details->seller_order_id);
    reply_text(reply, node, "ParentDetails/Id", details->parent_id, sizeof details->parent_id);
    details->order_total = reply_money(reply, node, "OrderTotal");
    details->status = reply_status(reply, node, "OrderReferenceStatus");
    details->expiration = reply_instant(reply, node, "ExpirationTimestamp");
    details->constraint_count = reply_constraints(reply, node, details->constraints);
    details->authorization_count =
        reply_ids(reply, node, "IdList/member", details->authorization_ids);
    reply_buyer(node, &details->buyer);
    reply_destination(node, &details->destination);
}

void reply_order_list(struct mws_reply *reply, const struct xml_node *result)
{
    struct mws_order_reference_list *list = &reply->order_list;
    const struct xml_node *order = xml_at(result, "OrderReferenceList/OrderReference");
    for (; order != NULL; order = xml_next(order)) {
        if (list->count == MWS_LIST_MAX) {
            reply_unreadable(reply, "OrderReferenceList has more than %d members", MWS_LIST_MAX);
            return;
        }
        reply_required(reply, order, "AmazonOrderReferenceId",
                       list->orders[list->count].amazon_order_reference_id,
                       sizeof list->orders[0].amazon_order_reference_id);
        reply_text(reply, order, "SellerOrderAttributes/SellerOrderId",
                   list->orders[list->count].seller_order_id,
                   sizeof list->orders[0].seller_order_id);
        if (xml_at(order, "OrderReferenceStatus") != NULL) {
            list->orders[list->count].status = reply_status(reply, order, "OrderReferenceStatus");
        }
        list->count++;
    }
    /* Seen beside the list and in it. */
    reply_text(reply, result, "NextPageToken", list->next_page_token, sizeof list->next_page_token);
    if (list->next_page_token[0] == '\0') {
        reply_text(reply, result, "OrderReferenceList/NextPageToken", list->next_page_token,
                   sizeof list->next_page_token);
    }
    list->has_more = list->next_page_token[0] != '\0';
}
