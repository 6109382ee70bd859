/*
 * reply_buyer.c - who pays, and where to deliver: for the shop's people, never for a decision.
 *
 * Nothing here makes a reply unreadable; an address that is too long is cut and says so. It stays
 * in the reply: no caller of ours stores or logs it.
 */
#include "mws/reply.h"

#include <string.h>

struct part {
    const char *path;
    char *out;
    size_t size;
};

/* True when a text was cut. */
static bool read_parts(const struct xml_node *node, const struct part *parts, size_t count)
{
    bool is_cut = false;
    for (size_t i = 0; i < count; i++) {
        const char *text = xml_text_at(node, parts[i].path);
        size_t length = reply_fitting_length(text, parts[i].size);
        memcpy(parts[i].out, text, length);
        parts[i].out[length] = '\0';
        is_cut = is_cut || text[length] != '\0';
    }
    return is_cut;
}

void reply_buyer(const struct xml_node *node, struct mws_buyer *buyer)
{
    const struct part parts[] = {
        {"Name", buyer->name, sizeof buyer->name},
        {"Email", buyer->email, sizeof buyer->email},
        {"Phone", buyer->phone, sizeof buyer->phone},
    };
    buyer->is_cut = read_parts(xml_at(node, "Buyer"), parts, sizeof parts / sizeof parts[0]);
}

void reply_destination(const struct xml_node *node, struct mws_address *address)
{
    const struct part parts[] = {
        {"Name", address->name, sizeof address->name},
        {"AddressLine1", address->lines[0], sizeof address->lines[0]},
        {"AddressLine2", address->lines[1], sizeof address->lines[1]},
        {"AddressLine3", address->lines[2], sizeof address->lines[2]},
        {"City", address->city, sizeof address->city},
        {"County", address->county, sizeof address->county},
        {"District", address->district, sizeof address->district},
        {"StateOrRegion", address->state_or_region, sizeof address->state_or_region},
        {"PostalCode", address->postal_code, sizeof address->postal_code},
        {"CountryCode", address->country_code, sizeof address->country_code},
        {"Phone", address->phone, sizeof address->phone},
    };
    address->is_cut = read_parts(xml_at(node, "Destination/PhysicalDestination"), parts,
                                 sizeof parts / sizeof parts[0]);
}
