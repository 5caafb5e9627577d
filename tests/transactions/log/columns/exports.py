"""Exports of shop systems: their documented headers, with a few lines made up."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Export:
    """A file, and what it holds: spend by customer, and the lines that are left out."""

    text: str
    spend: dict[str, float]
    purchase_days: int
    skipped: int = 0
    further: int = 0


EXPORTS = {
    # Totals stand on the first line of an order; orders unpaid, voided, cancelled or for a test are no purchases.
    "shopify": Export(
        """\
Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,Shipping,Taxes,\
Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,Lineitem price,\
Lineitem discount,Cancelled at,Payment Method,Refunded Amount,Id
#1001,ann@example.com,paid,2024-01-02 10:00:00,fulfilled,,no,EUR,50,5,0,55.00,,0,,\
2024-01-02 09:59:00,1,Tea,20,0,,card,0,1
#1001,ann@example.com,,,,,,,,,,,,,,2024-01-02 09:59:00,2,Cup,15,0,,,,
#1002,ann@example.com,partially_refunded,2024-02-02 10:00:00,,,no,EUR,35,5,0,40.00,,0,,\
2024-02-02 09:59:00,1,Tea,40,0,,card,10.00,2
#1003,bob@example.com,voided,,,,no,EUR,94,5,0,99.00,,0,,2024-02-03 09:59:00,1,Tea,40,0,,manual,0,3
#1003,bob@example.com,,,,,,,,,,,,,,2024-02-03 09:59:00,2,Cup,15,0,,,,
#1004,cleo@example.com,paid,2024-02-04 10:00:00,,,no,EUR,25,5,0,30.00,,0,,2024-02-04 09:59:00,1,Tea,40,0,,card,0,4
#1005,bob@example.com,paid,2024-02-04 10:00:00,,,no,EUR,25,5,0,30.00,,0,,2024-02-04 09:59:00,1,Tea,\
40,0,2024-02-05 10:00:00,card,0,5
#1006,dan@example.com,pending,,,,no,EUR,25,5,0,30.00,,0,,2024-02-06 09:59:00,1,Tea,40,0,,card,0,6
#1007,dan@example.com,paid,2024-02-07 10:00:00,,,no,EUR,25,5,0,30.00,,0,,2024-02-07 09:59:00,1,Tea,40,0,,bogus,0,7
""",
        {"ann@example.com": 85.0, "cleo@example.com": 30.0},
        3,
        skipped=5,
        further=1,
    ),
    # One line an item, each with the total of the order; guests have the customer 0, so that the address counts.
    "woocommerce, a line an item": Export(
        """\
order_id,order_number,date,status,shipping_total,order_total,refunded_total,order_currency,\
customer_id,billing_first_name,\
billing_email,item_name,item_quantity,item_total
1,1,2024-01-02 10:00:00,completed,5,50.00,0,EUR,0,Ann,ann@example.com,Tea,1,20
1,1,2024-01-02 10:00:00,completed,5,50.00,0,EUR,0,Ann,ann@example.com,Cup,2,25
2,2,2024-01-09 10:00:00,processing,5,30.00,10.00,EUR,0,Bob,bob@example.com,Cup,2,25
3,3,2024-01-10 10:00:00,cancelled,5,70.00,0,EUR,7,Bob,bob@example.com,Cup,2,25
4,4,2024-01-16 10:00:00,completed,5,12.00,0,EUR,7,Ann,ann@example.com,Cup,1,7
""",
        {"ann@example.com": 62.0, "bob@example.com": 20.0},
        3,
        skipped=1,
        further=1,
    ),
    "woocommerce, advanced": Export(
        """\
Order Number,Order Status,Order Date,Customer Note,First Name (Billing),Email (Billing),Payment Method Title,\
Cart Discount Amount,Order Subtotal Amount,Order Shipping Amount,Order Refund Amount,Order Total Amount,\
Order Total Tax Amount,SKU,Item #,Item Name,Quantity (- Refund),Item Cost,Coupon Code,Discount Amount
1,Completed,2024-01-02 10:00,,Ann,ann@example.com,Card,0,45,5,0,50.00,0,T,1,Tea,1,20,,0
1,Completed,2024-01-02 10:00,,Ann,ann@example.com,Card,0,45,5,0,50.00,0,C,2,Cup,1,25,,0
2,Refunded,2024-01-03 10:00,,Bob,bob@example.com,Card,0,45,5,50,50.00,0,C,1,Cup,1,25,,0
3,On hold,2024-01-04 10:00,,Bob,bob@example.com,Card,0,45,5,0,50.00,0,C,1,Cup,1,25,,0
4,Completed,2024-01-05 10:00,,Bob,bob@example.com,Card,0,45,5,20,50.00,0,C,1,Cup,1,25,,0
""",
        {"ann@example.com": 50.0, "bob@example.com": 30.0},
        2,
        skipped=2,
        further=1,
    ),
    # "id" is that of the charge; what failed or was given back entirely is no purchase.
    "stripe": Export(
        """\
id,Created date (UTC),Amount,Amount Refunded,Currency,Captured,Converted Amount,Converted Amount Refunded,\
Converted Currency,Decline Reason,Description,Fee,Is Link,Mode,Status,Seller Message,Customer ID,Customer Email
ch_1,2024-01-02 10:00:00,10.00,0.00,usd,true,9.00,0.00,eur,,,1,false,Live,Paid,ok,cus_A,ann@example.com
ch_2,2024-01-09 10:00:00,20.00,5.00,eur,true,20.00,5.00,eur,,,1,false,Live,Paid,ok,cus_A,ann@example.com
ch_3,2024-01-10 10:00:00,30.00,0.00,eur,false,30.00,0.00,eur,card_declined,,0,false,Live,Failed,no,cus_B,b@example.com
ch_4,2024-01-11 10:00:00,30.00,30.00,eur,true,30.00,30.00,eur,,,0,false,Live,Refunded,no,cus_B,b@example.com
ch_5,2024-01-12 10:00:00,30.00,0.00,eur,true,30.00,0.00,eur,,,0,false,Test,Paid,ok,cus_B,b@example.com
ch_6,2024-01-16 10:00:00,40.00,0.00,eur,true,40.00,0.00,eur,,,1,false,Live,Paid,ok,cus_B,b@example.com
""",
        {"cus_A": 24.0, "cus_B": 40.0},
        3,
        skipped=3,
    ),
    # "ID" is that of the order; "Closed" is given back entirely.
    "magento, grid": Export(
        """\
ID,Purchase Point,Purchase Date,Bill-to Name,Ship-to Name,Grand Total (Base),Grand Total (Purchased),Status,\
Billing Address,Customer Email,Customer Group,Subtotal,Customer Name,Payment Method,Total Refunded
000000001,Main,2024-01-02 10:00:00,Ann A,Ann A,55.00,55.00,Complete,Street,ann@example.com,General,50,Ann A,card,0
000000002,Main,2024-01-09 10:00:00,Ann A,Ann A,40.00,40.00,Processing,Street,ann@example.com,General,35,Ann A,card,10
000000003,Main,2024-01-10 10:00:00,Bob B,Bob B,70.00,70.00,Canceled,Street,bob@example.com,General,65,Bob B,card,0
000000004,Main,2024-01-11 10:00:00,Bob B,Bob B,70.00,70.00,Closed,Street,bob@example.com,General,65,Bob B,card,70
000000005,Main,2024-01-16 10:00:00,Bob B,Bob B,70.00,70.00,Complete,Street,bob@example.com,General,65,Bob B,card,
""",
        {"ann@example.com": 85.0, "bob@example.com": 70.0},
        3,
        skipped=2,
    ),
    "magento, table": Export(
        """\
entity_id,state,status,store_id,customer_id,base_grand_total,base_total_refunded,grand_total,increment_id,\
customer_email,created_at
1,complete,complete,1,,55.00,,55.00,000000001,ann@example.com,2024-01-02 10:00:00
2,processing,processing,1,,40.00,10.00,40.00,000000002,ann@example.com,2024-01-09 10:00:00
3,canceled,canceled,1,8,70.00,,70.00,000000003,bob@example.com,2024-01-10 10:00:00
4,complete,complete,1,8,70.00,,70.00,000000004,bob@example.com,2024-01-16 10:00:00
""",
        {"ann@example.com": 85.0, "bob@example.com": 70.0},
        3,
        skipped=1,
    ),
    # A line an item; a refund is a line of its own with a negative amount.
    "square, items": Export(
        """\
Date,Time,Time Zone,Category,Item,Qty,Price Point Name,SKU,Modifiers Applied,Gross Sales,Discounts,Net Sales,Tax,\
Transaction ID,Payment ID,Device Name,Notes,Details,Event Type,Location,Dining Option,Customer ID,Customer Name
2024-01-02,10:00:00,Berlin,None,Tea,1,Regular,,,20.00,-2.00,18.00,0,T1,P1,Till,,,Payment,Shop,,C1,Ann
2024-01-02,10:00:00,Berlin,None,Cup,2,Regular,,,30.00,0.00,30.00,0,T1,P1,Till,,,Payment,Shop,,C1,Ann
2024-01-09,10:00:00,Berlin,None,Cup,1,Regular,,,15.00,0.00,15.00,0,T2,P2,Till,,,Payment,Shop,,C2,Bob
2024-01-10,10:00:00,Berlin,None,Cup,-1,Regular,,,-15.00,0.00,-15.00,0,T3,P3,Till,,,Refund,Shop,,C1,Ann
2024-01-11,10:00:00,Berlin,None,Cup,1,Regular,,,15.00,0.00,15.00,0,T4,P4,Till,,,Payment,Shop,,,
""",
        {"C1": 33.0, "C2": 15.0},
        2,
    ),
    # Sales, their lines and their payments are lines of one file.
    "lightspeed": Export(
        """\
Date,Receipt,Line Type,Customer Code,Customer Name,Note,Quantity,Subtotal,Sales Tax,Discount,Loyalty,Total,Paid,\
Details,Register,User,Status,Sku
2024-01-02 10:00:00,1,Sale,C1,Ann,,3,50,0,0,0,50.00,50,,Till,Jo,CLOSED,
2024-01-02 10:00:00,1,Sale Line,C1,Ann,,1,20,0,0,0,20.00,,Tea,Till,Jo,CLOSED,T
2024-01-02 10:00:00,1,Sale Line,C1,Ann,,2,30,0,0,0,30.00,,Cup,Till,Jo,CLOSED,C
2024-01-02 10:00:00,1,Payment,C1,Ann,,,,,,,50.00,50,Card,Till,Jo,CLOSED,
2024-01-09 10:00:00,2,Sale,C2,Bob,,1,15,0,0,0,15.00,15,,Till,Jo,CLOSED,
2024-01-10 10:00:00,3,Sale,C2,Bob,,1,15,0,0,0,15.00,15,,Till,Jo,VOIDED,
""",
        {"C1": 50.0, "C2": 15.0},
        2,
        skipped=4,
    ),
    "bigcommerce": Export(
        """\
Order ID,Customer ID,Customer Name,Customer Email,Customer Phone,Order Date,Order Status,Subtotal (inc tax),\
Subtotal (ex tax),Tax Total,Shipping Cost (inc tax),Order Total (inc tax),Order Total (ex tax),\
Payment Method,Total Quantity
100,0,Ann A,ann@example.com,1,2024-01-02,Completed,45,40,5,5,50.00,45,Card,3
101,0,Bob B,bob@example.com,1,2024-01-09,Cancelled,45,40,5,5,50.00,45,Card,3
102,9,Bob B,bob@example.com,1,2024-01-16,Shipped,10,8,2,5,15.00,13,Card,1
""",
        {"ann@example.com": 50.0, "bob@example.com": 15.0},
        2,
        skipped=1,
    ),
}
