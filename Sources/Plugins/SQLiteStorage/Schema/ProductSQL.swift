/// What is made of an article's stock and of the rules.
///
/// `p` is `products`, and `r` the one row of rules.
enum ProductSQL {
    /// What is stored counts only where nobody knows how many there are.
    static let stockStatus = """
        CASE WHEN p.current_stock IS NULL THEN p.stock_status WHEN p.current_stock <= 0 THEN 'Out of stock' \
        WHEN p.current_stock <= r.low_stock THEN 'Low' ELSE 'In stock' END
        """

    /// The column names of `products`.
    static let view = """
        CREATE VIEW conductor_products AS SELECT p.id, p.sku, p.name, p.category, p.brand, p.thc_content, p.cbd_content, \
        p.strain_type, p.effects, p.unit_cost, p.retail_price, p.current_stock, \(stockStatus) AS stock_status, \
        p.vendor, p.last_restocked, p.created_at, p.updated_at FROM products p CROSS JOIN conductor_crm_rules r
        """
}
